"""What an estimate of log Z is, and what makes one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.models.distributions.generalized import Generalized


@dataclass(frozen=True)
class LogZ:
    """log Z with its standard error in nats, by ``method``; relative to the base measure, where that has no density.

    ``status`` is ok or failed, with a ``reason``; ``diagnostics`` are scalars for the runs table.
    """

    value: float
    stderr: float
    method: str
    status: str = "ok"
    reason: str = ""
    diagnostics: dict[str, float] = field(default_factory=dict)


class Normalisation(NamedTuple):
    """log Z and draws of the model's law that came with it.

    ``samples: (n, D)``; ``n_eff``: how many independent draws they are worth; ``sampler``: how they were made;
    ``exact``: whether they are independent draws of the model's law.
    """

    log_z: LogZ
    samples: Tensor
    sampler: str
    n_eff: float
    cost: Cost
    exact: bool = False


class Problem(NamedTuple):
    """A model to normalise.

    ``train: (N, D)`` rows that it was trained on; ``box``: half-side of the square that holds a data set of
    known density in one or two dimensions, None elsewhere.
    """

    model: Generalized
    train: Tensor
    box: float | None = None


class Likelihood(Protocol):
    """A plug-in of ``likelihoods``: a frozen dataclass of settings that normalises energy models."""

    def applies(self, problem: Problem) -> bool:
        """Whether this method can do it."""
        ...

    def normalise(self, problem: Problem, draws: int, generator: torch.Generator) -> Normalisation:
        """log Z, and ``draws`` rows of the model's law; a failure is a status, not an exception."""
        ...
