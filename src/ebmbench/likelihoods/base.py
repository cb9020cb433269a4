"""What an estimate of log Z is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from torch import Tensor


class Cost(NamedTuple):
    """Points at which the energy, and its gradient in x, was evaluated."""

    energy_evaluations: int = 0
    gradient_evaluations: int = 0


@dataclass(frozen=True)
class LogZ:
    """log Z with its standard error in nats, by ``method``.

    ``status`` is ok or failed, with a ``reason``; ``diagnostics`` are scalars for the runs table.
    """

    value: float
    stderr: float
    method: str
    status: str = "ok"
    reason: str = ""
    diagnostics: dict[str, float] = field(default_factory=dict)


class Normalisation(NamedTuple):
    """log Z and draws that came with it.

    ``samples: (n, D)``; ``n_eff``: how many independent draws they are worth; ``sampler``: how they were made.
    """

    log_z: LogZ
    samples: Tensor
    sampler: str
    n_eff: float
    cost: Cost
