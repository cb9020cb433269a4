"""What would decide an undecided claim: trainings or data sets for a power of 80 % at the effect seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from scipy.special import nctdtr, ndtri, stdtrit

from ebmbench.reporting.claims.combine import UNLEARNT, Weighed
from ebmbench.reporting.claims.estimates import Estimate
from ebmbench.reporting.claims.meta import RandomEffects
from ebmbench.reporting.claims.ranks import smallest_p

#: the power that is asked for
POWER = 0.8

#: the largest number that is looked for, or this many times the present one if that is larger
_MOST = 1000
_TIMES = 100


def what_would_decide(of: Weighed, level: float) -> str:
    """Say how many trainings or data sets decide the claim by a two-sided test at ``level``, if the effect is as seen.

    The effect may be against the claim: then the claim would be decided as not held.
    """
    if not of.entries:
        whys = {each.why for each in of.left_out}
        return "trainings of the other side that learn" if whys == {UNLEARNT} else "a metric that passes its controls"
    if of.mean is not None:
        return _sets_or_trainings(of, of.mean, level)
    if not of.tested:
        return "more trainings; how many is unknown, because one shows no spread"
    measured = [each for each in of.entries if not math.isnan(each.stderr)]
    against = [each for each in measured if not of.region.holds(each.effect)]
    if of.claim.test == "times":
        return _times(of, level)
    if against:
        return _trainings(of, against, level / len(of.entries), min) + _REFUTED
    if len(measured) < len(of.entries):
        return "more trainings; how many is unknown, because one or none shows no spread"
    return _trainings(of, measured, level, max) + _conditions(of)


def power(distance: float, sd: float, n: int, level: float) -> float:
    """Return the power of Student's two-sided t-test: P(|T| > t_{1 - level/2, n-1}), T noncentral by distance √n / sd.

    ``distance`` is how far the mean of n values with standard deviation ``sd`` is from the edge of the hypothesis.
    """
    return _power(distance * math.sqrt(n) / sd if sd else math.inf, n - 1, level)


def _power(noncentrality: float, df: int, level: float) -> float:
    if df < 1:
        return 0.0
    below = float(nctdtr(df, noncentrality, float(stdtrit(df, 1 - level / 2))))
    # far from the edge this probability is too small for the function, which returns NaN
    return 1.0 if math.isnan(below) else 1 - below


def smallest(enough: Callable[[int], bool], start: int = 2, most: int = _MOST) -> int | None:
    """Return the smallest number from ``start`` to ``most`` that is enough; else None. More is never worse."""
    if not enough(most):
        return None
    low, high = start - 1, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


_REFUTED = ", which would show that the claim does not hold"


def _sets_or_trainings(of: Weighed, mean: RandomEffects, level: float) -> str:
    distance, k = of.region.distance(mean.effect), mean.entries
    spread = mean.stderr * math.sqrt(k)
    sets = smallest(lambda n: power(distance, spread, n, level) >= POWER)
    each = round(sum(entry.trainings for entry in of.entries) / len(of.entries))

    def enough(n: int) -> bool:
        return power(distance, math.hypot(mean.tau, mean.within * math.sqrt(each / n)), k, level) >= POWER

    seeds = smallest(enough, each + 1)
    more = f"or {seeds} trainings on each of these {k}" if seeds else f"more trainings on these {k} would not do"
    return f"{_number(sets, 'data sets')} like these, {more}" + (
        _conditions(of) if of.region.holds(mean.effect) else _REFUTED
    )


def _trainings(of: Weighed, entries: Sequence[Estimate], level: float, most: Callable[..., Any]) -> str:
    """Return the numbers of trainings that the easiest (``min``) or the hardest (``max``) of the entries needs."""
    needed = [(math.inf if n is None else n, each) for each in entries for n in [_needed(of, each, level)]]
    n, hardest = most(needed, key=lambda pair: pair[0])
    what = "trainings" if of.claim.pair == "seed" else "repetitions"
    text = _number(None if math.isinf(n) else int(n), what, _limit(hardest.trainings))
    return text if len(of.entries) == 1 else f"{text} (on {hardest.on})"


def _needed(of: Weighed, each: Estimate, level: float) -> int | None:
    distance, sd = of.region.distance(each.effect), each.stderr * math.sqrt(each.trainings)
    return smallest(lambda n: power(distance, sd, n, level) >= POWER, most=_limit(each.trainings))


def _limit(trainings: int) -> int:
    return max(_MOST, _TIMES * trainings)


def _times(of: Weighed, level: float) -> str:
    """Noether (1987): (z_{1 - level/2} + z_{power})^2 / (3 (effect / 2)^2) times in all, half of them on each side."""
    effect = abs(of.entries[0].effect)
    z = float(ndtri(1 - level / 2) + ndtri(POWER))

    def enough(n: int) -> bool:
        return 2 * smallest_p(n) <= level and 2 * n * 3 * (effect / 2) ** 2 >= z * z

    return _number(smallest(enough), "trainings")


def _number(n: int | None, what: str, most: int = _MOST) -> str:
    return f"more than {most:,} {what}" if n is None else f"{n:,} {what}"


def _conditions(of: Weighed) -> str:
    """Return what else has to be so for the claim to hold."""
    fails = of.failures.this > of.failures.other
    asked = [
        (fails, "this side fails no more often than the other"),
        (of.claim.cannot_hold, "the obstacle named is gone"),
    ]
    found = [text for applies, text in asked if applies]
    return f", and only if {' and '.join(found)}" if found else ""
