"""Claims about nothing, and claims of known effect, through the rules of the table: error rate and power."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ebmbench.reporting.claims.claim import Claim
from ebmbench.reporting.claims.combine import Weighed, weigh
from ebmbench.reporting.claims.evidence import Evidence, EvidenceSide
from ebmbench.reporting.claims.region import Region, region
from ebmbench.reporting.claims.verdicts import UNDECIDED, decide

#: a claim with what the committed runs have on it
Asked = tuple[Claim, Sequence[Evidence]]

Judge = Callable[[Sequence[Weighed], float], Iterable[str]]


class Power(NamedTuple):
    """The fraction of repetitions in which a claim of a true ratio of ``factor`` is held."""

    factor: float
    trainings: int
    datasets: int
    power: float


def verdicts(weighed: Sequence[Weighed], level: float) -> list[str]:
    """Return the verdicts of the table."""
    return [of.verdict for of in decide(weighed, level)]


def decided_by_chance(
    asked: Sequence[Asked], level: float, repetitions: int, generator: np.random.Generator, judge: Judge = verdicts
) -> float:
    """Return the fraction of whole tables in which ``judge`` decides any claim, if every effect is that of chance.

    Numbers of entries, of trainings and of failures are those of ``asked``. Every claim is on the edge of what it
    allows: its effects vary between entries with standard deviation 1 around it, or, for a claim about every entry, one
    is on the edge and the others are far inside. Values are normal on the claim's scale, and their spread differs
    between entries. What bars a claim from being held is left out, so that it cannot hide errors.
    """
    wrong = 0
    for _ in range(repetitions):
        weighed = [weigh(*_about_nothing(claim, evidence, generator)) for claim, evidence in asked]
        wrong += any(word != UNDECIDED for word in judge(weighed, level))
    return wrong / repetitions


def power_of_factor(
    claim: Claim,
    power: Power,
    spread: float,
    between: float,
    level: float,
    repetitions: int,
    generator: np.random.Generator,
) -> Power:
    """Return ``power`` with the fraction of repetitions in which ``claim`` is held.

    ``claim`` is one on the log scale that this side is less. Its log ratio is log(factor) on average over data sets,
    with standard deviation ``between`` between them, and ``spread`` between the trainings of one. ``level`` is that of
    the step of Holm's procedure which the claim has to pass.
    """
    held = 0
    for _ in range(repetitions):
        evidence = [
            Evidence(str(i), *_pair(claim, generator, power.trainings, effect, spread))
            for i, effect in enumerate(math.log(power.factor) + between * generator.normal(size=power.datasets))
        ]
        of = weigh(claim, evidence).sided
        held += of.p <= level and of.held < of.against
    return power._replace(power=held / repetitions)


def _about_nothing(claim: Claim, evidence: Sequence[Evidence], generator: np.random.Generator) -> Asked:
    allowed = region(claim)
    effects = _EFFECTS[claim.estimand](allowed, len(evidence), generator)
    spreads = np.exp(0.5 * generator.normal(size=len(evidence)))
    free = replace(claim, learnt=None, untrained=None, cannot_hold="")
    return free, [_NOISE[claim.test](free, *each, generator) for each in zip(evidence, effects, spreads, strict=True)]


def _around(allowed: Region, k: int, generator: np.random.Generator) -> np.ndarray:
    return allowed.low + (generator.normal(size=k) if k > 1 else np.zeros(1))


def _inside(allowed: Region, k: int, generator: np.random.Generator) -> np.ndarray:
    inside = (allowed.low + allowed.high) / 2 if math.isfinite(allowed.high) else allowed.low + 100
    effects = np.full(k, inside)
    effects[generator.integers(k)] = allowed.low
    return effects


_EFFECTS = {"mean": _around, "every": _inside}


def _trained(claim: Claim, both: Evidence, effect: float, spread: float, generator: np.random.Generator) -> Evidence:
    this, other = _pair(claim, generator, len(both.this.values), effect, spread)
    return Evidence(both.on, _failing(this, both.this), _failing(other, both.other))


def _failing(side: EvidenceSide, like: EvidenceSide) -> EvidenceSide:
    return side._replace(values=np.where(np.isnan(like.values), math.nan, side.values))


def _pair(
    claim: Claim, generator: np.random.Generator, n: int, effect: float, spread: float
) -> tuple[EvidenceSide, EvidenceSide]:
    """Return two sides of ``n`` trainings whose differences have mean ``effect`` and standard deviation ``spread``."""
    this, other = spread / math.sqrt(2) * generator.normal(size=(2, n))
    this = this + region(claim).sign * effect
    values = (np.exp(side) if claim.scale == "log" else side for side in (this, other))
    none = np.full(n, math.nan)
    first, second = (EvidenceSide(of, none, none) for of in values)
    return first, second


def _repeated(claim: Claim, both: Evidence, effect: float, spread: float, generator: np.random.Generator) -> Evidence:
    """Return means of as many normal values as the committed ones, at most 1,000, with their standard errors."""
    sides = []
    for side, mean in ((both.this, region(claim).sign * effect), (both.other, 0.0)):
        n = int(min(side.counts[0], 1000))
        values = generator.normal(mean, spread, size=n)
        error = values.std(ddof=1) / math.sqrt(n) if n > 1 else math.nan
        sides.append(EvidenceSide(np.array([values.mean()]), np.array([error]), np.array([float(n)])))
    return Evidence(both.on, sides[0], sides[1])


def _timed(claim: Claim, both: Evidence, effect: float, spread: float, generator: np.random.Generator) -> Evidence:
    """Return times of one distribution, of which those above 1 are not reached."""
    sides = []
    for side in (both.this, both.other):
        values = generator.exponential(size=len(side.values))
        sides.append(side._replace(values=np.where(values > 1, math.inf, values)))
    return Evidence(both.on, sides[0], sides[1])


_NOISE = {"trainings": _trained, "means": _repeated, "times": _timed}
