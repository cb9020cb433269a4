"""Natural parameters trained with the network."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Joint"]


@dataclass(frozen=True)
class Joint:
    """eta by the loss that trains the network, from 0 (after Li and Liu 2025).

    ``set``: a set of statistics, or a single one by name. Only maximum likelihood and the KL lower bound make the
    model's means of T the data's; what other losses make equal is told in docs/statistics.md.
    """

    set: str = "moments"
