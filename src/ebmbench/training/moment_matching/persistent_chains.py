"""Persistent MCMC chains of a model that changes during training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.core.state import NamedState
from ebmbench.inference.samplers.adaptation import GAIN
from ebmbench.inference.samplers.independence import IndependenceMetropolis
from ebmbench.inference.samplers.mala import MALA, TARGET_ACCEPTANCE
from ebmbench.inference.samplers.target import of_model
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.interface import Generator, Pushforward


@dataclass(frozen=True)
class _OfTensor(MALA):
    """MALA whose step size is a tensor ``()`` on the chains' device: its adaptation reads nothing from there."""

    step_size: Tensor  # type: ignore[assignment]

    def __post_init__(self) -> None:
        """Check nothing: the size is a product of positive numbers."""

    @property
    def noise_scale(self) -> Tensor:
        """The square root of the step size."""
        return self.step_size.sqrt()


class PersistentChains(NamedState):
    """``z: (C, D)``: MALA chains with proposals from the base measure in between, which can cross between modes.

    States are in the space of the model's target (:func:`~ebmbench.inference.samplers.target.of_model`). The step size
    is adapted to the acceptance rate throughout, because the target keeps changing.
    """

    state_names: ClassVar = ("z", "steps", "step_size")

    def __init__(self, model: Generalized, train: Tensor, count: int, generator: torch.Generator) -> None:
        """Start ``count`` chains at training examples, or at latent samples if the base has no inverse."""
        self.step_size = torch.tensor(MALA().step_size, dtype=torch.float64, device=train.device)
        self.steps, self.cost = 0, Cost()
        if isinstance(model.base, Generator) and not isinstance(model.base, Pushforward):
            self.z = model.base.latent.sample(count, generator).to(train.dtype)
            return
        chosen = torch.randint(len(train), (count,), generator=generator, device=train.device)
        with torch.no_grad():
            self.z = of_model(model).encode(train[chosen])

    def move(self, model: Generalized, moves: int, generator: torch.Generator) -> Tensor:
        """Take ``moves`` steps of each kind and return the chains in data space, ``(C, D)``, without a graph."""
        target, globally = of_model(model), IndependenceMetropolis()
        for _ in range(moves):
            state = globally.start(target, self.z, generator)
            state, _ = globally.step(target, state, generator)
            locally = _OfTensor(self.step_size)
            state = locally.start(target, state.x.detach(), generator)
            state, info = locally.step(target, state, generator)
            self.z = state.x.detach()
            self.steps += 1
            self._adapt(info.acceptance.mean())
        self.cost = Cost(4 * moves * len(self.z), 2 * moves * len(self.z))
        with torch.no_grad():
            return target.decode(self.z)

    def _adapt(self, acceptance: Tensor) -> None:
        rate = GAIN * max(self.steps, 1) ** -0.6
        self.step_size = self.step_size * (max(rate, 0.05) * (acceptance.double() - TARGET_ACCEPTANCE)).exp()
