"""What an energy adds to its base measure: KALE on rows that it has not seen."""

from __future__ import annotations

import math

from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate

NAME = "kale"


def kale(log_ratio: Tensor, log_z_stderr: float = 0.0) -> Estimate:
    """mean_i log dq/db(x_i) = -mean_i E(x_i) - A in nats, for ``log_ratio: (n,)``, -E(x_i) - A   (Arbel et al. 2021).

    On average at most KL(data || b), and equal to it where q is the data's law; finite also where b and the data live
    on different sets and that KL is infinite. Where b has a density it is the negative log-likelihood of b less that
    of q.
    stderr: sd / sqrt(n), and the standard error of A, added in quadrature.
    """
    values = log_ratio.double()
    spread = float(values.std()) / math.sqrt(len(values))
    return Estimate(float(values.mean()), math.hypot(spread, log_z_stderr), len(values))
