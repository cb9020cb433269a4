"""Interface of log Z estimators, and their results."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.models.distributions.generalized import Generalized


@dataclass(frozen=True)
class LogZ:
    """Estimate of log Z by ``method``, with its standard error in nats.

    It is relative to the base measure if that has no density. ``status`` is ok, failed or skipped, the latter two with
    a ``reason``; ``diagnostics`` are scalars for the runs table.
    """

    value: float
    stderr: float
    method: str
    status: str = "ok"
    reason: str = ""
    diagnostics: dict[str, float] = field(default_factory=dict)


class Normalisation(NamedTuple):
    """log Z and samples from the model's distribution.

    ``samples: (n, D)``; ``n_eff``: their effective sample size; ``sampler``: the method that made them;
    ``exact``: whether they are independent samples from the model's distribution.
    """

    log_z: LogZ
    samples: Tensor
    sampler: str
    n_eff: float
    cost: Cost
    exact: bool = False


class Problem(NamedTuple):
    """A model to normalise.

    ``train: (N, D)`` samples that it was trained on; ``box``: half-side of the square that holds a data set of
    known density in one or two dimensions, None otherwise.
    """

    model: Generalized
    train: Tensor
    box: float | None = None


class Likelihood(Protocol):
    """Interface of log Z estimators: a frozen dataclass of settings that normalises energy models."""

    def applies(self, problem: Problem) -> bool:
        """Return whether the estimator can normalise this model."""
        ...

    def normalise(self, problem: Problem, draws: int, generator: torch.Generator) -> Normalisation:
        """Estimate log Z and draw ``draws`` samples from the model; a failure is a status, not an exception."""
        ...
