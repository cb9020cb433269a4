"""log Z from independent populations of weighted particles, with checks of its reliability."""

from __future__ import annotations

import math

from scipy.special import chdtrc, ndtri
from torch import Tensor

from ebmbench.inference.likelihoods.interface import LogZ
from ebmbench.inference.samplers.tempering import log_mean

#: smallest effective fraction of the particles for which log Z is accepted
LEAST_ESS_FRACTION = 0.01

#: largest accepted disagreement of the populations beyond their own variances, in standard errors
LARGEST_DISAGREEMENT = 3.0


def judged(log_z: Tensor, variance: Tensor, particles: int, method: str) -> LogZ:
    """Combine P independent estimates of Z into log Z, with a standard error and a status.

    log Z is the log of their mean. ``log_z: (P,)``; ``variance: (P,)``, V_p, the estimate of Var(Z_p) / Z_p^2 that
    each population of N = ``particles`` makes of its own. s^2 = mean (Z_p / Z)^2 V_p: the plain mean of the V_p is too
    small if weights are skewed, because populations without a heavy particle underestimate their variance. The standard
    error, by the delta method, is from the spread of the populations or from s, whichever is larger. Effective
    fraction: 1 / (1 + (N - 1) s^2), which is Kong's for means of weights. log Z is biased by about -chi2 / (2 M),
    M = P N, chi2 = 1 / fraction - 1. Disagreement: the sum of the populations' squared distances from their mean, in
    units of s^2, compared with the chi-square distribution with P - 1 degrees of freedom, as the normal deviate of
    equal probability. The status is failed if a value is not finite, the effective fraction is below 1 %, or the
    disagreement is above 3 standard errors.
    """
    if not bool(log_z.isfinite().all()):
        return LogZ(math.nan, math.nan, method, "failed", f"log Z of {method} is not finite")
    value = float(log_mean(log_z))
    relative = (log_z - value).exp()
    spread = float(relative.std()) / math.sqrt(len(log_z))
    within = float((relative.square() * variance).mean())
    own = math.sqrt(within / len(log_z))
    share = 1 / (1 + (particles - 1) * within)
    squares = float((relative - 1).square().sum()) / max(within, 1e-24)
    disagreement = -float(ndtri(chdtrc(len(log_z) - 1, squares)))
    diagnostics = {
        "ess_fraction": share,
        "bias": -(1 / share - 1) / (2 * particles * len(log_z)),
        "disagreement": disagreement,
    }
    reason = _reason(share, disagreement)
    return LogZ(value, max(spread, own), method, "failed" if reason else "ok", reason, diagnostics)


def _reason(share: float, disagreement: float) -> str:
    if share < LEAST_ESS_FRACTION:
        return f"effective share of the particles is {share:.2%}, below {LEAST_ESS_FRACTION:.0%}"
    if disagreement > LARGEST_DISAGREEMENT:
        return f"populations disagree by {disagreement:.1f} standard errors, more than {LARGEST_DISAGREEMENT:g}"
    return ""


def of_weights(log_weights: Tensor) -> tuple[Tensor, Tensor]:
    """Compute (log mean, Var(mean) / mean^2) of the weights in each row of ``log_weights: (P, N)``."""
    log_z = log_mean(log_weights)
    relative = (log_weights - log_z[:, None]).exp()
    return log_z, relative.var(1) / log_weights.shape[1]


def split(log_weights: Tensor, populations: int) -> Tensor:
    """Split weights ``(M,)`` into ``(populations, M // populations)``; drop the remainder."""
    each = len(log_weights) // populations
    return log_weights[: populations * each].reshape(populations, each)
