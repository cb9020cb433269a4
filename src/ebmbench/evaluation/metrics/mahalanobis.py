"""Mahalanobis distance between two vectors of means, in the metric of the statistics' covariance."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.evaluation.metrics.mismatch import Errors, Mismatch, Sides, quantile

NAMES = ("d2", "d2_floor95")

#: directions in which the test data vary less than this, relative to the widest, are left out
NARROW = 1e-8


def mahalanobis(found: Sides, each: Mismatch, drawn: Errors) -> dict[str, Estimate]:
    """Compute the bias-corrected squared distance d2 = d' S^-1 d - tr(S^-1 (C_model / n_eff + C_test / n_test)).

    d: mean of the samples minus that of the test set, in test sd; S: covariance of the test set, shrunk towards a
    multiple of the identity (Ledoit and Wolf 2004), inverted where it is wider than 1e-8 of its widest; C_model,
    C_test: covariances of both. The correction makes the expectation 0 if the means agree.

    d2_floor95: its 95 % quantile for a model that has the training data's means. Correction, floor and stderr use the
    simulated errors ``drawn``. NaN if no statistic varies.
    """
    n = len(found.model.rows)
    if len(each.kept) == 0:
        return {name: Estimate(math.nan, math.nan, n) for name in NAMES}
    values = found.test.rows.all()[:, each.kept] / each.sd_test
    metric = MahalanobisMetric(values - values.mean(0))
    difference = (each.z * each.stderr)[None]
    bias = float(metric.squares(drawn.sampled).mean())
    spread = float(metric.squares(difference + drawn.sampled).std())
    floor = quantile(metric.squares(drawn.matched) - bias, len(found.train.rows))
    return dict(zip(NAMES, (Estimate(float(metric.squares(difference)) - bias, spread, n), floor), strict=True))


class MahalanobisMetric:
    """The form d' S^-1 d, S = (1 - a) C + a m I, C the covariance of ``centred: (n, K)``, m its mean eigenvalue."""

    def __init__(self, centred: Tensor) -> None:
        n, size = centred.shape
        # a thin SVD, which is cheap if there are fewer rows than statistics: a K x K matrix would be expensive
        _, lengths, self.axes = torch.linalg.svd(centred, full_matrices=False)
        variances = lengths.square() / n
        share = shrinkage(centred, variances)
        beyond = share * float(variances.sum()) / size
        widths = (1 - share) * variances + beyond
        self.inverse = torch.where(widths > NARROW * widths.max(), 1 / widths, 0.0)
        self.inverse_beyond = 1 / beyond if beyond > NARROW * float(widths.max()) else 0.0

    def squares(self, d: Tensor) -> Tensor:
        """Return d' S^-1 d, ``(B, K)`` -> ``(B,)``."""
        along = (d @ self.axes.T).square()
        beyond = (d.square().sum(1) - along.sum(1)).clamp(min=0)
        return along @ self.inverse + self.inverse_beyond * beyond


def shrinkage(centred: Tensor, variances: Tensor) -> float:
    """Return a = min(1, (mean |x|^4 - |C|^2) / (n (|C|^2 - tr(C)^2 / K))), the weight of the identity.

    Ledoit and Wolf 2004. ``centred: (n, K)``: rows x; ``variances``: the non-zero eigenvalues of C, their covariance. 0
    if C is a multiple of the identity already.
    """
    n, size = centred.shape
    squares = variances.square().sum()
    apart = float(squares - variances.sum().square() / size)
    error = float(centred.square().sum(1).square().mean() - squares) / n
    return min(1.0, error / apart) if apart > 0 else 0.0
