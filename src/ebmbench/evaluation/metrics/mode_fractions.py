"""Fractions of samples that belong to the components of a known mixture of Gaussians."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.evaluation.metrics.folded import folded_mean, folded_slope

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


def mode_fraction_error(mixture: Mixture, x: Tensor, n_eff: float, size: int) -> Estimate:
    """Compute E 1/2 sum_k |q_k - w_k| over ``size`` independent samples, q_k the mean over samples
    ``x: (n, D)`` of the probability of component k.

    For samples of the mixture E q_k = w_k exactly, however much the components overlap. ``n_eff``: effective number of
    independent samples, of which it needs ``size``. The value is above 0 for exact samples too, on average by
    :func:`floor`. The mean is over normal errors of the variance var(r_k) (1 / size - 1 / n_eff), which n_eff samples
    lack, r_k the probabilities at a sample: so models with other numbers of samples have the same bias.

    stderr: delta method, 1/2 sd(sum_k s_k r_k) / sqrt(n_eff), with s_k the slope of the mean absolute value, between -1
    and 1.
    """
    found = torch.cat([mixture.responsibilities(rows) for rows in x.split(ROWS)])
    apart = found.mean(0) - mixture.weights
    sd = found.std(0) * math.sqrt(max(0.0, 1 / size - 1 / n_eff))
    spread = float((found @ folded_slope(apart, sd)).std())
    return Estimate(float(folded_mean(apart, sd).sum()) / 2, spread / math.sqrt(n_eff) / 2, size)


def floor(weights: Tensor, n_eff: float) -> float:
    """Return the mean error of ``n_eff`` exact samples, sum_k sqrt(w_k (1 - w_k) / (2 pi n_eff)), without overlap.

    The fractions are taken as normal.
    """
    return float((weights * (1 - weights) / (2 * math.pi * n_eff)).sqrt().sum())
