"""What every sampler is, and the accept step that Metropolis kernels share."""

from __future__ import annotations

import math
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar, runtime_checkable

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.inference.samplers.target import Point, Target, evaluate, where
from ebmbench.models.distributions.generalized import Generalized

#: what a sampler carries from step to step: it has at least ``x: (B, D)``
State = Any
S = TypeVar("S", bound=Any)


class Info(NamedTuple):
    """One step of B chains.

    ``acceptance: (B,)`` probabilities; ``moved: (B,)``; ``drift: (B,)`` change of the total energy along a
    trajectory, in nats, where the step is one.
    """

    acceptance: Tensor
    moved: Tensor
    drift: Tensor | None = None


class Sampler(Protocol):
    """A plug-in of ``samplers``: a frozen dataclass of hyper-parameters, with pure functions of a state.

    ``kind``: ``invariant`` leaves the target's law invariant, ``biased`` does so up to its discretisation,
    ``optimiser`` draws from no law at all. ``target_acceptance``: what a warm-up adapts ``step_size`` to;
    None for kernels without either. ``cost``, ``start_cost``: of one step and of the start of one chain.
    """

    kind: ClassVar[str]
    target_acceptance: ClassVar[float | None]
    start_cost: ClassVar[Cost]

    @property
    def cost(self) -> Cost:
        """Evaluations of one step of one chain."""
        ...

    def start(self, target: Target, x: Tensor, generator: torch.Generator) -> State:
        """The state at ``x: (B, D)``."""
        ...

    def step(self, target: Target, state: State, generator: torch.Generator, beta: float = 1.0) -> tuple[State, Info]:
        """One step of all chains towards pi_beta."""
        ...


class Draws(NamedTuple):
    """``x: (n, D)``, independent, and what all of them cost."""

    x: Tensor
    cost: Cost


@runtime_checkable
class Direct(Protocol):
    """A plug-in of ``samplers`` that is no kernel: it makes whole, independent draws of a model, without chains.

    ``kind`` as in :class:`Sampler`: ``biased`` where the law drawn from is the model's only up to an approximation.
    """

    kind: ClassVar[str]

    def draw(self, model: Generalized, train: Tensor, n: int, generator: torch.Generator) -> Draws:
        """``n`` draws of a model trained on ``train: (N, D)``; raises :class:`UserError` for one that has none."""
        ...


class LangevinStep:
    """What kernels share whose step is one gradient at a ``step_size`` that is a variance."""

    step_size: float
    start_cost: ClassVar[Cost] = Cost(1, 1)

    def __post_init__(self) -> None:
        if self.step_size <= 0:
            raise ValueError("step_size must be above 0")

    @property
    def cost(self) -> Cost:
        """One energy with its gradient."""
        return Cost(1, 1)

    def start(self, target: Target, x: Tensor, generator: torch.Generator) -> Point:
        """The state at ``x: (B, D)``."""
        return evaluate(target, x)


def metropolis(
    here: Point, there: Point, log_ratio: Tensor, generator: torch.Generator
) -> tuple[Point, Tensor, Tensor]:
    """(the chains after the choice, acceptance probabilities, moved): ``there`` with probability min(1, e^r).

    ``log_ratio: (B,)`` is r; one that is not a number is a rejection.
    """
    acceptance = log_ratio.nan_to_num(nan=-math.inf).clamp(max=0).exp()
    uniform = torch.rand(acceptance.shape, generator=generator, device=acceptance.device, dtype=acceptance.dtype)
    moved = uniform < acceptance
    return where(moved, there, here), acceptance, moved


def always(x: Tensor, moved: bool = True) -> Info:
    """The info of a step that is never rejected."""
    ones = torch.ones(len(x), device=x.device)
    return Info(ones, ones.bool() if moved else ~ones.bool())
