"""How well a model's latents keep images."""

from __future__ import annotations

import math

from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate

NAME = "reconstruction_mse"


def reconstruction_mse(found: Tensor, rows: Tensor) -> Estimate:
    """Mean over rows and pixels of (found - row)^2, both ``(N, D)``; stderr over rows."""
    errors = (found.double() - rows.double()).square().mean(1)
    return Estimate(float(errors.mean()), float(errors.std()) / math.sqrt(len(errors)), len(errors))
