"""Exact KL divergence during training, against steps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ebmbench.reporting.figures.courses import STEPS
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.kl_curves import kl_curves

__all__ = ["KLSteps"]


@dataclass(frozen=True)
class KLSteps:
    """KL(data || model) in nats against steps of the optimiser; ``title`` is shown above the panels."""

    title: str = ""

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Draw with :func:`ebmbench.reporting.figures.kl_curves.kl_curves`."""
        kl_curves(inputs, STEPS, self.title, stem)
