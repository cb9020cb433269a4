"""The exact KL divergence in the course of training, against time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ebmbench.reporting.figures.courses import SECONDS
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.kl_curves import kl_curves

__all__ = ["KLSeconds"]


@dataclass(frozen=True)
class KLSeconds:
    """KL(data || model) in nats against training time in seconds; ``title`` stands above the panels."""

    title: str = ""

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """See :func:`ebmbench.reporting.figures.kl_curves.kl_curves`."""
        kl_curves(inputs, SECONDS, self.title, stem)
