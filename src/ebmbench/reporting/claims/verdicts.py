"""Verdicts of committed runs on claims: held, not held, or undecided, with one error rate for the whole table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.claims.claim import Claim
from ebmbench.reporting.claims.combine import Weighed
from ebmbench.reporting.claims.estimates import Estimate
from ebmbench.reporting.claims.power import what_would_decide
from ebmbench.reporting.claims.region import Sided
from ebmbench.reporting.comparison.ranking import holm_adjusted

#: the possible verdicts
HELD, REFUTED, UNDECIDED = "held", "not held", "undecided"

#: ``on`` of the row that summarises all rows of a claim
ALL = "all"

#: columns of the table, in order
COLUMNS = (
    *("id", "on", "verdict", "effect", "ci_low", "ci_high", "unit", "p", "p_holm", "pairs", "lost"),
    *("prediction_low", "prediction_high", "tau", "held", "not_held", "undecided", "why", "would_decide"),
    *(
        "distribution",
        "other_distribution",
        "other_distribution_effect",
        "other_distribution_p",
        "other_distribution_verdict",
    ),
    *("published_for", "published_against", "published"),
    *("expected", "relation", "margin", "scale", "estimand", "test", "level", "grid", "table", "source", "claim"),
)

#: columns that hold counts
COUNTS = ("pairs", "lost", "held", "not_held", "undecided", "published_for", "published_against")


class Verdict(NamedTuple):
    """The verdict on a claim, its p-value and that p-value after Holm's correction over all claims."""

    of: Weighed
    verdict: str
    p: float
    p_holm: float
    would_decide: str


def decide(weighed: Sequence[Weighed], level: float) -> list[Verdict]:
    """Return the verdict on every claim, such that the table decides any claim wrongly with probability ``level``.

    Holm (1979) over all claims of the table that have a test; claims that rest on one training each have none. What
    would decide an undecided claim is for the level that Holm's next step asks of it.
    """
    p = np.array([of.p for of in weighed])
    adjusted = holm_adjusted(p)
    words = [verdict(of.sided, value, level) for of, value in zip(weighed, adjusted, strict=True)]
    decided = len(words) - words.count(UNDECIDED)
    next_step = level / max(1, int(np.count_nonzero(~np.isnan(p))) - decided)
    return [
        Verdict(of, word, float(one), float(all_), what_would_decide(of, next_step) if word == UNDECIDED else "")
        for of, word, one, all_ in zip(weighed, words, p, adjusted, strict=True)
    ]


def verdict(sided: Sided, p: float, level: float) -> str:
    """Return the verdict for two one-sided p-values, given the two-sided ``p``, adjusted or not."""
    if not p <= level:
        return UNDECIDED
    return HELD if sided.held < sided.against else REFUTED


def rows(of: Verdict, level: float, further: Mapping[str, object]) -> list[dict[str, object]]:
    """Return a row per entry, and one for the claim, which also holds ``further``.

    The intervals of n entries cover together with probability 1 - ``level`` (Bonferroni), and their verdicts are for
    this claim alone; those of the claim are ``p_holm``'s.
    """
    head = _head(of.of.claim, level)
    entries = [head | _entry(each, of.of, level) for each in of.of.entries]
    entries += [
        head | _entry(each.estimate, of.of, level) | {"verdict": UNDECIDED, "why": each.why} for each in of.of.left_out
    ]
    counts = {word.replace(" ", "_"): sum(row["verdict"] == word for row in entries) for word in _WORDS}
    return [*entries, head | {"on": ALL} | _whole(of, level) | counts | dict(further)]


def table(found: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Return the rows of all claims as a table with integer counts."""
    return pd.DataFrame(list(found), columns=list(COLUMNS)).astype(dict.fromkeys(COUNTS, "Int64"))


#: number of trainings -> why it decides nothing
_ALONE = {0: "no training with a value", 1: "one training each"}

_WORDS = (HELD, REFUTED, UNDECIDED)


def _head(claim: Claim, level: float) -> dict[str, object]:
    reported = ("id", "claim", "source", "grid", "table", "test", "expected", "relation", "margin", "scale", "estimand")
    return {name: getattr(claim, name) for name in reported} | {
        "unit": _unit(claim),
        "level": level,
        "distribution": claim.distribution,
    }


def _unit(claim: Claim) -> str:
    if claim.test == "times":
        return "probability"
    if claim.scale == "log":
        return "log ratio"
    name = claim.rows.get("metric", claim.this.get("metric"))
    first = name[0] if isinstance(name, list) else name
    return described(first).unit if isinstance(first, str) else ""


def _entry(each: Estimate, of: Weighed, level: float) -> dict[str, object]:
    n = len(of.entries)
    low, high = each.interval(level / max(1, n))
    p = min(1.0, max(1, n) * each.sided.p)
    return {
        **{"on": each.on, "effect": each.effect, "ci_low": low, "ci_high": high, "p": each.sided.p},
        **{"pairs": each.trainings, "lost": sum(each.failures), "verdict": verdict(each.sided, p, level)},
        "why": _ALONE.get(each.trainings, ""),
    }


def _whole(of: Verdict, level: float) -> dict[str, object]:
    weighed = of.of
    mean, single = weighed.mean, weighed.single
    found: dict[str, object] = {"verdict": of.verdict, "p": of.p, "p_holm": of.p_holm, "would_decide": of.would_decide}
    found |= {"pairs": sum(each.trainings for each in weighed.entries), "lost": sum(weighed.failures)}
    found["why"] = "; ".join(weighed.reasons)
    if mean is not None:
        low, high = mean.interval(level)
        predicted = mean.prediction(level)
        found |= {"effect": mean.effect, "ci_low": low, "ci_high": high, "tau": mean.tau}
        found |= {"prediction_low": predicted[0], "prediction_high": predicted[1]}
    elif single is not None:
        low, high = single.interval(level)
        found |= {"effect": single.effect, "ci_low": low, "ci_high": high}
    return found
