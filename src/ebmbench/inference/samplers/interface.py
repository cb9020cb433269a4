"""Interfaces of Markov kernels and direct samplers, and the accept step that Metropolis kernels share."""

from __future__ import annotations

import math
from dataclasses import Field
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar, runtime_checkable

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.core.ranges import PositiveFloat, check_ranges
from ebmbench.inference.samplers.target import Point, Target, evaluate, where
from ebmbench.models.distributions.generalized import Generalized

#: state that a sampler carries from step to step; it has at least ``x: (B, D)``
State = Any
S = TypeVar("S", bound=Any)


class Info(NamedTuple):
    """Statistics of one step of B chains.

    ``acceptance: (B,)`` probabilities; ``moved: (B,)``; ``drift: (B,)`` change of the total energy along a
    trajectory, in nats, for samplers whose step is a trajectory.
    """

    acceptance: Tensor
    moved: Tensor
    drift: Tensor | None = None


class Sampler(Protocol):
    """Interface of Markov kernels: a frozen dataclass of hyper-parameters with pure functions of a state.

    ``kind``: ``invariant`` leaves the target distribution invariant, ``biased`` does so up to discretisation error,
    ``optimiser`` samples from no distribution. ``target_acceptance``: the acceptance to which a warm-up adapts
    ``step_size``; None for kernels that are not adapted. ``cost``, ``start_cost``: of one step and of the start of one
    chain.
    """

    kind: ClassVar[str]
    target_acceptance: ClassVar[float | None]
    start_cost: ClassVar[Cost]

    @property
    def cost(self) -> Cost:
        """Evaluations per step of one chain."""
        ...

    def start(self, target: Target, x: Tensor, generator: torch.Generator) -> State:
        """The state at ``x: (B, D)``."""
        ...

    def step(self, target: Target, state: State, generator: torch.Generator, beta: float = 1.0) -> tuple[State, Info]:
        """Move all chains by one step that targets pi_beta."""
        ...


@runtime_checkable
class Adaptable(Sampler, Protocol):
    """Interface of Markov kernels with a ``step_size``; :func:`dataclasses.replace` returns them with another one."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def step_size(self) -> float:
        """Size of a step, of which each kernel defines the unit."""
        ...


class Draws(NamedTuple):
    """Independent samples ``x: (n, D)`` and their total cost."""

    x: Tensor
    cost: Cost


@runtime_checkable
class Direct(Protocol):
    """Interface of direct samplers, which draw independent samples of a model without chains.

    ``kind`` as in :class:`Sampler`: ``biased`` if the samples follow the model's distribution only approximately.
    """

    kind: ClassVar[str]

    def draw(self, model: Generalized, train: Tensor, n: int, generator: torch.Generator) -> Draws:
        """Draw ``n`` samples of a model trained on ``train: (N, D)``; raise :class:`UserError` if it has none."""
        ...


class LangevinStep:
    """Base class of kernels whose step takes one gradient and whose ``step_size`` is a variance."""

    step_size: PositiveFloat
    start_cost: ClassVar[Cost] = Cost(1, 1)

    def __post_init__(self) -> None:
        check_ranges(self)

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
    """Accept ``there`` with probability min(1, e^r), else keep ``here``; return (chains, acceptance, moved).

    ``log_ratio: (B,)`` is r, where NaN is a rejection; acceptance are the probabilities ``(B,)``, moved the choices.
    """
    acceptance = log_ratio.nan_to_num(nan=-math.inf).clamp(max=0).exp()
    uniform = torch.rand(acceptance.shape, generator=generator, device=acceptance.device, dtype=acceptance.dtype)
    moved = uniform < acceptance
    return where(moved, there, here), acceptance, moved


def always(x: Tensor, moved: bool = True) -> Info:
    """Return the statistics of a step that is never rejected."""
    ones = torch.ones(len(x), device=x.device)
    return Info(ones, ones.bool() if moved else ~ones.bool())
