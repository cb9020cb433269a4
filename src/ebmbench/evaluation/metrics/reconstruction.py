"""Mean squared error of images reconstructed from a model's latents."""

from __future__ import annotations

import math

from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate

NAME = "reconstruction_mse"


def reconstruction_mse(found: Tensor, rows: Tensor) -> Estimate:
    """Compute the mean over examples and pixels of (found - row)^2, both ``(N, D)``; stderr over examples."""
    errors = (found.double() - rows.double()).square().mean(1)
    return Estimate(float(errors.mean()), float(errors.std()) / math.sqrt(len(errors)), len(errors))
