"""Noise-and-denoise Markov step of energy discrepancy: add noise, then resample noisy copies by the model's density."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.core.randomness import noisy_copies
from ebmbench.models.blocks import log_density_in_blocks
from ebmbench.models.interface import Density


def moved(model: Density, x: Tensor, t: float, copies: int, generator: torch.Generator) -> Tensor:
    """Choose x' among x and M = ``copies`` noisy copies of it, with probability proportional to the model's density.

    The copies are N(y, t I) around one y ~ N(x, t I). Hence x and its copies are exchangeable given y, and the step
    leaves the model's distribution invariant for every M. As M grows, x' converges to a sample from the model's
    posterior given y. ``x: (N, D)`` -> ``(N, D)``; ``t``: a variance. Cost: N (M + 1) energies.
    """
    points = torch.cat([x[:, None], noisy_copies(x, t, copies, generator)], 1)
    log_p = log_density_in_blocks(model, points.flatten(0, 1)).unflatten(0, points.shape[:2])
    chosen = torch.multinomial(log_p.softmax(1), 1, generator=generator)[:, 0]
    return points[torch.arange(len(x), device=x.device), chosen]
