"""Verdicts of committed runs on claims: held, not held, or undecided."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.claims.claim import Claim
from ebmbench.reporting.claims.estimates import TESTS, Difference
from ebmbench.reporting.claims.evidence import Evidence

#: the possible verdicts
HELD, REFUTED, UNDECIDED = "held", "not held", "undecided"

#: ``on`` of the row that summarises all rows of a claim
ALL = "all"

#: columns of the table, in order
COLUMNS = (
    "id",
    "on",
    "verdict",
    "effect",
    "ci_low",
    "ci_high",
    "unit",
    "pairs",
    "lost",
    "held",
    "not_held",
    "undecided",
    "expected",
    "test",
    "level",
    "grid",
    "table",
    "source",
    "claim",
)


def judge(claim: Claim, evidence: Iterable[Evidence], level: float) -> list[dict[str, object]]:
    """Return one row per entry of ``evidence``, and one row for all of them together.

    ``effect``: the difference in the direction of the claim (for ``within``: this minus other), with an interval of
    level 1 - level / n over the n entries, so that all intervals cover with probability 1 - ``level``. Held: the
    whole interval is on the claim's side; not held: it is on the other side; otherwise undecided. All together: held
    if held on at least half of the entries and not held on none; not held if not held on at least half; otherwise
    undecided.
    """
    entries = list(evidence)
    found = [TESTS[claim.test](both, claim.log, level / len(entries)) for both in entries]
    head = _head(claim, level)
    rows = [head | {"on": both.on} | _decided(claim, of) for both, of in zip(entries, found, strict=True)]
    counts = {word: sum(row["verdict"] == word for row in rows) for word in (HELD, REFUTED, UNDECIDED)}
    counted = {word.replace(" ", "_"): count for word, count in counts.items()}
    pairs = {"pairs": sum(of.pairs for of in found), "lost": sum(of.lost for of in found)}
    return [*rows, head | {"on": ALL, "verdict": _together(counts)} | counted | pairs]


def table(rows: Iterable[dict[str, object]]) -> pd.DataFrame:
    """Return the rows of all claims as a table with integer counts."""
    found = pd.DataFrame(list(rows), columns=list(COLUMNS))
    counts = ["pairs", "lost", "held", "not_held", "undecided"]
    return found.astype(dict.fromkeys(counts, "Int64"))


def _head(claim: Claim, level: float) -> dict[str, object]:
    reported = ("id", "claim", "source", "grid", "table", "test", "expected")
    return {name: getattr(claim, name) for name in reported} | {"unit": _unit(claim), "level": level}


def _unit(claim: Claim) -> str:
    if claim.log:
        return "log ratio"
    name = claim.rows.get("metric")
    return described(name).unit if isinstance(name, str) else ""


def _decided(claim: Claim, of: Difference) -> dict[str, object]:
    if claim.relation == "less":
        of = of._replace(value=-of.value, low=-of.high, high=-of.low)
    verdict = _within(of, claim.margin) if claim.relation == "within" else _beyond(of, claim.margin)
    interval = {"effect": of.value, "ci_low": of.low, "ci_high": of.high}
    return interval | {"pairs": of.pairs, "lost": of.lost, "verdict": verdict}


def _beyond(of: Difference, margin: float) -> str:
    if math.isnan(of.low):
        return UNDECIDED
    return HELD if of.low > margin else REFUTED if of.high < margin else UNDECIDED


def _within(of: Difference, margin: float) -> str:
    if math.isnan(of.low):
        return UNDECIDED
    if -margin <= of.low and of.high <= margin:
        return HELD
    return REFUTED if of.low > margin or of.high < -margin else UNDECIDED


def _together(counts: dict[str, int]) -> str:
    half = sum(counts.values()) / 2
    if counts[REFUTED] >= half:
        return REFUTED
    return HELD if counts[HELD] >= half and not counts[REFUTED] else UNDECIDED
