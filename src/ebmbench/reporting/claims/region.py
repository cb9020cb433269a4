"""What a claim says of an effect, and how probable the data are on its edge."""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy.special import stdtr

from ebmbench.reporting.claims.claim import Claim


class Sided(NamedTuple):
    """One-sided p-values: of the data, were the claim false (``held``), and were it true (``against``).

    A small ``held`` speaks for the claim. Both are 1 if the data say nothing.
    """

    held: float
    against: float

    @property
    def p(self) -> float:
        """Return the two-sided p, twice the smaller of the two."""
        return min(1.0, 2 * min(self))


#: nothing can be said
NOTHING = Sided(1.0, 1.0)


class Region(NamedTuple):
    """The effects that a claim allows, those between ``low`` and ``high``; effects above 0 are on the claim's side.

    ``sign``: the effect is sign (this - other).
    """

    sign: float
    low: float
    high: float

    def sided(self, effect: float, stderr: float, df: float) -> Sided:
        """Return both p-values by Student's t with ``df`` degrees of freedom.

        To hold a claim, both edges have to be excluded (Berger 1982), of which one may be infinite; to contradict it,
        one is enough, so that p-value is multiplied by the number of edges.
        """
        if math.isnan(effect) or math.isnan(stderr):
            return NOTHING
        above, below = (_t(effect, edge, stderr, df) for edge in (self.low, self.high))
        edges = 1 + math.isfinite(self.high)
        held = max(_upper(above, df), _upper(-below, df))
        return Sided(held, min(1.0, edges * min(_upper(-above, df), _upper(below, df))))

    def distance(self, effect: float) -> float:
        """Return how far the effect is from the nearest edge, on whichever side."""
        return min(abs(effect - self.low), abs(effect - self.high))

    def holds(self, effect: float) -> bool:
        """Return whether the effect is one that the claim allows."""
        return self.low < effect < self.high


def region(claim: Claim) -> Region:
    """Return what a claim allows: more than the margin for less and greater, at least minus the margin for at_most."""
    sign, low, high = _REGIONS[claim.relation]
    return Region(sign, low * claim.margin, high * claim.margin if math.isfinite(high) else high)


#: relation -> sign of the effect, and the edges in margins
_REGIONS = {
    "less": (-1.0, 1.0, math.inf),
    "greater": (1.0, 1.0, math.inf),
    "at_most": (-1.0, -1.0, math.inf),
    "within": (1.0, -1.0, 1.0),
}


def _t(effect: float, edge: float, stderr: float, df: float) -> float:
    """Return the studentised distance; without spread it is infinite, or 0 on the edge itself."""
    if math.isinf(edge) or stderr == 0:
        return math.copysign(math.inf, effect - edge) if effect != edge else 0.0
    return (effect - edge) / stderr


def _upper(t: float, df: float) -> float:
    return float(stdtr(df, -t)) if math.isfinite(t) else float(t < 0)
