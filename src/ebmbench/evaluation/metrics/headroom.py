"""Headroom: the gain in likelihood if a model is tilted to the data's means of statistics."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.density_grid import THINNING
from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.inference.exponential_tilting import project

NAME = "headroom"

#: samples per statistic that an estimate needs: with fewer the bias of K / 2n is no longer small
DRAWS_A_STATISTIC = 20

#: squares whose mass is below this fraction of the largest are ignored
FAINT = 1e-12


class Squares(NamedTuple):
    """Statistics ``values: (n^2, K)`` and log-densities ``log_p, log_q: (n^2,)`` of data and model on n x n squares."""

    values: Tensor
    log_p: Tensor
    log_q: Tensor


def on_grid(squares: Squares) -> Estimate:
    """Compute <eta, E_p T> - log E_q exp <eta, T> = KL(p || q) - KL(p || q*), q* the tilt of q to the data's means.

    In nats, p the data distribution, q the model: exact except for the squares' size, whose error is estimated as in
    :func:`~ebmbench.evaluation.metrics.density_grid.density_grid`, by three of the nine thinned grids.
    """
    n = math.isqrt(len(squares.log_p))
    value = _gain(squares)

    def part(of: Tensor, start: int) -> Tensor:
        return of.unflatten(0, (n, n))[start::THINNING, start::THINNING].flatten(0, 1)

    thinned = [_gain(Squares(*(part(of, start) for of in squares))) for start in range(THINNING)]
    spread = math.sqrt(sum((other - value) ** 2 for other in thinned) / THINNING)
    return Estimate(value, THINNING**-1.5 * spread, len(squares.log_p))


def of_draws(model: Tensor, n_eff: float, train: Tensor, test: Tensor) -> Estimate:
    """Compute E_test <eta, T> - log E_model exp <eta, T> in nats, eta the tilt of the model to the training means.

    ``model: (n, K)``, samples with effective size ``n_eff``, ``train: (l, K)``, ``test: (m, K)``: statistics. This is
    the gain of the test set from a tilt of the model's samples to the training data's means; it is below 0 if the tilt
    does harm. Raises :class:`~ebmbench.inference.exponential_tilting.InfeasibleError` if no tilt of the samples has
    those means.
    """
    equal = model.new_zeros(len(model))
    found = project(model, equal, train.mean(0))
    gained = (test - train.mean(0)) @ found.eta
    worth = len(model) / n_eff
    error = math.sqrt(float(gained.var()) / len(test) + worth * max(1 / found.n_eff - 1 / len(model), 0.0))
    return Estimate(float(gained.mean()) + found.gain, error, len(test))


def _gain(squares: Squares) -> float:
    values, log_p, log_q = squares
    p, q = (log - log.logsumexp(0) for log in (log_p, log_q))
    taking_part = torch.maximum(p - p.max(), q - q.max()) > math.log(FAINT)
    values, p, q = values[taking_part], p[taking_part].softmax(0), q[taking_part]
    return project(values, q, p @ values).gain
