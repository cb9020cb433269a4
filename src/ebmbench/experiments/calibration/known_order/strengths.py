"""The strength at which a disturbance has a given KL divergence."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from scipy.interpolate import PchipInterpolator

from ebmbench.experiments.calibration.known_order.disturbances import Disturbance

#: strengths at which the KL is computed, geometrically spaced over this many decades
POINTS, DECADES = 60, 3


def strength(of: Disturbance, kl: float) -> float:
    """Return s with KL(p || q_s) = ``kl`` nats, to a relative error of 1e-4 in the KL.

    Monotone cubic interpolation of log s over log KL. Raises ``ValueError`` for a KL that no strength has.
    """
    curve = _curve(of)
    low, high = math.exp(curve.x[0]), math.exp(curve.x[-1])
    if not low <= kl <= high:
        raise ValueError(f"KL = {kl:g} nats; allowed for this disturbance: {low:.3g} to {high:.3g}")
    return math.exp(float(curve(math.log(kl))))


@cache
def _curve(of: Disturbance) -> PchipInterpolator:
    """Return log s over log KL, up to the strength from which the KL falls again."""
    strengths = np.geomspace(of.strongest * 10.0**-DECADES, of.strongest, POINTS)
    kl = np.array([of.kl(float(s)) for s in strengths])
    # below this quadrature in double precision says nothing
    first = int(np.argmax(kl > 1e-8))
    falls = np.flatnonzero(np.diff(kl[first:]) <= 0)
    end = first + int(falls[0]) + 1 if len(falls) else len(kl)
    return PchipInterpolator(np.log(kl[first:end]), np.log(strengths[first:end]))
