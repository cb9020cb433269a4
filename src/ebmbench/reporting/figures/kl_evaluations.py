"""Exact KL divergence during training, against evaluations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ebmbench.reporting.figures.courses import EVALUATIONS
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.kl_curves import kl_curves

__all__ = ["KLEvaluations"]


@dataclass(frozen=True)
class KLEvaluations:
    """KL(data || model) in nats against evaluations of energy and gradient; ``title`` is shown above the panels."""

    title: str = ""

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Draw with :func:`ebmbench.reporting.figures.kl_curves.kl_curves`."""
        kl_curves(inputs, EVALUATIONS, self.title, stem)
