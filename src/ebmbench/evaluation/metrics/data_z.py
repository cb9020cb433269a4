"""Squared error of the log-density with log Z estimated from the data's own density, as papers report it."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate

NAME = "mse_log_density_data_z"

#: the log Z estimator that this metric uses
METHOD = "importance sampling from the data"


def log_z_data(log_density: Tensor, log_p: Tensor) -> Estimate:
    """Estimate log Z_data = log mean_i exp(log_density_i - log p(x_i)) in nats, for x_i ~ p, ``(n,)`` each.

    Importance sampling with p as proposal. stderr by the delta method: sd(w) / sqrt(n), w_i = exp(log_density_i - log
    p(x_i) - log Z_data), whose mean is 1.
    """
    log_ratio = log_density.double() - log_p.double()
    value = log_ratio.logsumexp(0) - math.log(len(log_ratio))
    return Estimate(float(value), float((log_ratio - value).exp().std()) / math.sqrt(len(log_ratio)), len(log_ratio))


def mse_log_density_data_z(log_density: Tensor, log_p: Tensor) -> Estimate:
    """Compute mean_i (log_density_i - log Z_data - log p(x_i))^2 in nats^2, with :func:`log_z_data` on the same points.

    ``log_density: (n,)``: the model's, not normalised; ``log_p: (n,)``: the true one, at points x_i ~ p. Papers on
    energy discrepancy report this metric (Schröder et al., 2023). It misleads: log Z_data includes the model's mass
    only where data points fall, so q = .2 p + .8 (mass where p has next to none) scores 0, but the exact value is (log
    .2)^2 = 2.6. The standard error is blind to that mass as well.

    stderr: infinitesimal jackknife (Jaeckel, 1972), sd(g) / sqrt(n). With r_i the error at point i and w_i = exp(r_i),
    whose mean is 1, point i has the influence g_i = r_i^2 - mse - 2 mean(r) (w_i - 1); the last term comes from log
    Z_data. Plus (sqrt(mse) + e)^2 - mse, e = eps_32 times the root mean square of log_density, for its storage in
    single precision.
    """
    error = log_density.double() - log_p.double() - log_z_data(log_density, log_p).value
    mse = float(error.square().mean())
    influence = error.square() - mse - 2 * error.mean() * (error.exp() - 1)
    rounding = torch.finfo(torch.float32).eps * float(log_density.double().square().mean().sqrt())
    stderr = float(influence.std()) / math.sqrt(len(error)) + (2 * math.sqrt(mse) + rounding) * rounding
    return Estimate(mse, stderr, len(error))
