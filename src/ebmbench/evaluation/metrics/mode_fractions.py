"""Fractions of samples that belong to the components of a known mixture of Gaussians."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate

NAME = "mode_fraction_error"

#: number of samples whose distances to the centres are in memory at once
ROWS = 4096


class Mixture(NamedTuple):
    """Mixture p = sum_k w_k N(c_k, sd² I) with ``centres: (K, D)``, ``weights: (K,)`` and ``sd: ()``, float64."""

    centres: Tensor
    weights: Tensor
    sd: Tensor

    def responsibilities(self, x: Tensor) -> Tensor:
        """Return the posterior probabilities of the components at ``x: (n, D)``, ``(n, K)``."""
        squares = (x.double()[:, None] - self.centres).square().sum(-1)
        return (self.weights.log() - squares / (2 * self.sd**2)).softmax(-1)


def mode_fraction_error(mixture: Mixture, x: Tensor, n_eff: float) -> Estimate:
    """Compute 1/2 sum_k |q_k - w_k|, q_k the mean over samples ``x: (n, D)`` of the probability of component k.

    For samples of the mixture E q_k = w_k exactly, however much the components overlap. ``n_eff``: effective number of
    independent samples. The value is above 0 for exact samples too, on average by :func:`floor`.

    stderr: delta method, 1/2 sd(sum_k s_k r_k) / sqrt(n_eff), r_k the probabilities at a sample and s_k the sign of
    q_k - w_k; too wide near 0, where the total variation has a corner.
    """
    found = torch.cat([mixture.responsibilities(rows) for rows in x.split(ROWS)])
    apart = found.mean(0) - mixture.weights
    spread = float((found @ apart.sign()).std())
    return Estimate(float(apart.abs().sum()) / 2, spread / math.sqrt(n_eff) / 2, len(x))


def floor(weights: Tensor, n_eff: float) -> float:
    """Return the mean error of ``n_eff`` exact samples, sum_k sqrt(w_k (1 - w_k) / (2 pi n_eff)), without overlap.

    The fractions are taken as normal.
    """
    return float((weights * (1 - weights) / (2 * math.pi * n_eff)).sqrt().sum())
