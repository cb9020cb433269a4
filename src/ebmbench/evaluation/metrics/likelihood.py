"""Negative log-likelihood of held-out data, plain and trimmed."""

from __future__ import annotations

import math

from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate

#: fraction cut from each end of the sorted pointwise values
TRIM = 0.025


def nll(log_prob: Tensor, log_z_stderr: float = 0.0) -> Estimate:
    """Compute -mean_i log q(x_i) in nats for the normalised ``log_prob: (n,)``.

    stderr: sd / sqrt(n), and the standard error of log Z, added in quadrature.
    """
    values = -log_prob.double()
    return Estimate(
        float(values.mean()),
        math.hypot(float(values.std()) / math.sqrt(len(values)), log_z_stderr),
        len(values),
    )


def nll_trimmed(log_prob: Tensor, log_z_stderr: float = 0.0) -> Estimate:
    """Compute the mean of -log q(x_i), in nats, without the floor(.025 n) lowest and the floor(.025 n) highest values.

    It stays finite if a few points have density 0. stderr: s_w / (.95 sqrt(n)), s_w the standard deviation of the
    values winsorised at the same ranks (Tukey and McLaughlin, 1963; Yuen, 1974), and the standard error of log Z, added
    in quadrature. NaN if any value is NaN.
    """
    values = -log_prob.double()
    if values.isnan().any():
        return Estimate(math.nan, math.nan, len(values))
    n = len(values)
    cut = int(TRIM * n)
    ordered = values.sort().values
    kept = ordered[cut : n - cut]
    spread = float(ordered.clamp(kept[0], kept[-1]).std())
    return Estimate(float(kept.mean()), math.hypot(spread / ((1 - 2 * TRIM) * math.sqrt(n)), log_z_stderr), n)
