"""From the entries of one claim to one test of the claim."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from ebmbench.reporting.claims.claim import Claim
from ebmbench.reporting.claims.estimates import TESTS, Estimate, Failures
from ebmbench.reporting.claims.evidence import Evidence
from ebmbench.reporting.claims.learning import learning
from ebmbench.reporting.claims.meta import RandomEffects, random_effects
from ebmbench.reporting.claims.region import NOTHING, Region, Sided, region

#: largest one-sided p at which the other side of an entry counts as having learnt
_LEARNT = 0.05

#: why an entry is left out on which there is nothing to be compared with
UNLEARNT = "the other side has not learnt"


class Combined(NamedTuple):
    """The test of a claim on its entries; ``mean`` is None unless it is about the mean over two entries or more.

    ``tested`` is False if too few entries have two trainings or more, whatever their values.
    """

    sided: Sided
    mean: RandomEffects | None = None
    tested: bool = True


class LeftOut(NamedTuple):
    """An entry that decides nothing, and why."""

    estimate: Estimate
    why: str


class Weighed(NamedTuple):
    """A claim with its entries and the test of it as a whole, before the correction over all claims.

    ``left_out`` are the entries that decide nothing, which are not in ``entries``: those on which the other side has
    not learnt, or the metric fails a control. ``reasons`` say what stands in the way of a decision.
    """

    claim: Claim
    region: Region
    entries: list[Estimate]
    left_out: list[LeftOut]
    sided: Sided
    mean: RandomEffects | None
    tested: bool
    failures: Failures
    reasons: list[str]

    @property
    def p(self) -> float:
        """Return the two-sided p, NaN if there is no test."""
        return self.sided.p if self.tested else math.nan

    @property
    def single(self) -> Estimate | None:
        """Return the only entry of a claim that has one, else None."""
        return self.entries[0] if len(self.entries) == 1 else None


def weigh(claim: Claim, evidence: Sequence[Evidence]) -> Weighed:
    """Test one claim on all its entries.

    Entries on which the metric fails a control are left out, and those on which the other side has not learnt: being
    comparable with a model that has learnt nothing is no merit. On the rest this side has to have learnt, for the
    claim to hold (an intersection-union test).
    """
    allowed = region(claim)
    unfit = [LeftOut(TESTS[claim.test](both, claim.scale, allowed), both.unfit) for both in evidence if both.unfit]
    fit = [both for both in evidence if not both.unfit]
    found = [TESTS[claim.test](both, claim.scale, allowed) for both in fit]
    learnt = [learning(claim.learnt, both) for both in fit] if claim.learnt else []
    kept = [not learnt or learnt[i].other <= _LEARNT for i in range(len(found))]
    entries = [of for of, keep in zip(found, kept, strict=True) if keep]
    unlearnt = [LeftOut(of, UNLEARNT) for of, keep in zip(found, kept, strict=True) if not keep]
    failures = Failures(*(sum(of.failures[i] for of in found) for i in range(3)))
    whole = _ESTIMANDS[claim.estimand](entries, allowed) if entries else Combined(NOTHING)
    sided = failures.veto(whole.sided)
    own = [of.this for of, keep in zip(learnt, kept, strict=False) if keep]
    barriers = [1.0 if math.isnan(p) else p for p in own] + ([1.0] if claim.cannot_hold else [])
    sided = sided._replace(held=max([sided.held, *barriers]))
    left_out = [*unlearnt, *unfit]
    reasons = _reasons(claim, entries, left_out, own, failures)
    return Weighed(claim, allowed, entries, left_out, sided, whole.mean, whole.tested, failures, reasons)


def _mean(entries: Sequence[Estimate], allowed: Region) -> Combined:
    """Test the mean over entries with an error, if these are more than half of all."""
    if len(entries) == 1:
        return Combined(entries[0].sided, tested=entries[0].trainings != 1)
    usable = [of for of in entries if not math.isnan(of.stderr)]
    if len(usable) < 2 or 2 * len(usable) <= len(entries):
        return Combined(NOTHING, tested=False)
    mean = random_effects(np.array([of.effect for of in usable]), np.array([of.stderr for of in usable]))
    return Combined(allowed.sided(mean.effect, mean.stderr, mean.df), mean)


def _every(entries: Sequence[Estimate], allowed: Region) -> Combined:
    """Test that all entries hold: the largest p of them (Berger 1982); against it, Bonferroni's over all of them."""
    del allowed
    held = max(of.sided.held for of in entries)
    against = min(1.0, len(entries) * min(of.sided.against for of in entries))
    return Combined(Sided(held, against), tested=any(of.trainings != 1 for of in entries))


#: estimand of a claim -> the test of all its entries
_ESTIMANDS: dict[str, Callable[[Sequence[Estimate], Region], Combined]] = {
    "mean": _mean,
    "every": _every,
}


def _reasons(
    claim: Claim, entries: Sequence[Estimate], left_out: Sequence[LeftOut], learnt: Sequence[float], failures: Failures
) -> list[str]:
    alone = [of.on for of in entries if of.trainings == 1]
    none = [of.on for of in entries if of.trainings == 0]
    unlearnt = [of.estimate.on for of in left_out if of.why == UNLEARNT]
    behind = [of.on for of, p in zip(entries, learnt, strict=False) if not p <= _LEARNT]
    found = [
        (alone, f"one training each on {', '.join(alone)}"),
        (none, f"no training of both sides with a value on {', '.join(none)}"),
        (unlearnt, f"{UNLEARNT} on {', '.join(unlearnt)}, left out"),
        *((True, f"{why}, left out") for why in dict.fromkeys(of.why for of in left_out if of.why != UNLEARNT)),
        (behind, f"this side has not learnt on {', '.join(behind)}"),
        (failures.this > failures.other, f"this side failed alone {failures.this} times, the other {failures.other}"),
        (failures.other > failures.this, f"the other side failed alone {failures.other} times, this {failures.this}"),
        (claim.cannot_hold, claim.cannot_hold),
    ]
    return [text for applies, text in found if applies]
