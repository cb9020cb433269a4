"""KALE on held-out data: the gain of an energy over its base measure."""

from __future__ import annotations

import math

from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate

NAME = "kale"


def kale(log_ratio: Tensor, log_z_stderr: float = 0.0) -> Estimate:
    """Compute mean_i log dq/db(x_i) = -mean_i E(x_i) - A in nats   (Arbel et al. 2021).

    ``log_ratio: (n,)``, -E(x_i) - A. On average it is at most KL(data || b), and equal to it if q is the data
    distribution; it is finite even if b and the data live on different sets and that KL is infinite. If b has a
    density, it is the negative log-likelihood of b minus that of q.
    stderr: sd / sqrt(n), and the standard error of A, added in quadrature.
    """
    values = log_ratio.double()
    spread = float(values.std()) / math.sqrt(len(values))
    return Estimate(float(values.mean()), math.hypot(spread, log_z_stderr), len(values))
