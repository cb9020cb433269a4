"""A model of one's own on a 2D data set: its samples and log-densities."""

from __future__ import annotations

import numpy as np
import torch

#: a data set with a known density, and its settings in the default configuration
NAME = "ring8_unequal"


def log_probs(log_prob, points: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Log-densities at the rows and at the grid, under their names in the file."""
    return {f"{name}_log_prob": log_prob(torch.from_numpy(part).double()).numpy() for name, part in points.items()}


def normal_model(points: dict[str, np.ndarray], sd: float, n: int = 4000) -> dict[str, np.ndarray]:
    """The arrays of a file for N(0, sd² I): samples and normalised log-densities."""
    model = torch.distributions.MultivariateNormal(torch.zeros(2).double(), sd**2 * torch.eye(2).double())
    samples = sd * torch.randn(n, 2, generator=torch.Generator().manual_seed(3))
    return {"samples": samples.numpy()} | log_probs(model.log_prob, points)
