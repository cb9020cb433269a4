"""Exact KL divergence during training, against time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ebmbench.reporting.figures.courses import SECONDS
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.kl_curves import kl_curves

__all__ = ["KLSeconds"]


@dataclass(frozen=True)
class KLSeconds:
    """KL(data || model) in nats against training time in seconds; ``title`` is shown above the panels."""

    title: str = ""

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Draw with :func:`ebmbench.reporting.figures.kl_curves.kl_curves`."""
        kl_curves(inputs, SECONDS, self.title, stem)
