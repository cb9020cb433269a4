"""From decisions to rates: how often each rule decided wrongly, or found a difference, with the error of the rate."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from ebmbench.experiments.calibration.known_order.measured import METRICS
from ebmbench.experiments.calibration.known_order.rules import RULES, WRONG, Decision, Rule

#: a rate this many standard errors on the wrong side of what is stated or asked does not keep it
ERRORS = 2.0

_KEYS = ["rule", "metric", "factor", "seeds"]

COLUMNS = ("rule", "kind", "metric", "factor", "seeds", "rate", "stderr", "repetitions", "level", "kept")


def rates(decisions: Iterable[Decision]) -> pd.DataFrame:
    """Return one row per rule, metric, factor and number of seeds, in the columns :data:`COLUMNS`.

    ``rate``: fraction of repetitions in which what the rule counts happened; ``stderr``: sqrt(r (1 - r) / n) with one
    success and one failure added to the n (Laplace's rule), so that a rate of 0 has an error. ``kept``: whether the
    rate keeps the ``level`` within two standard errors; empty without a level.
    """
    frame = pd.DataFrame(
        [{**one._asdict(), "rule": one.rule.name} for one in decisions], columns=list(Decision._fields)
    )
    known = {rule.name: rule for rule in RULES}
    rows = []
    for key, happened in frame.groupby(_KEYS, sort=False, dropna=False)["happened"]:
        head = dict(zip(_KEYS, key, strict=True))
        rule, rate, n = known[head["rule"]], float(happened.mean()), len(happened)
        error = _stderr(rate, n)
        found = {"rate": rate, "stderr": error, "repetitions": n, "level": rule.level}
        rows.append(head | found | {"kind": rule.kind, "kept": _kept(rate, error, rule)})
    return in_order(pd.DataFrame(rows, columns=list(COLUMNS)))


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Sort rates by rule, then by metric, factor and seeds, rules and metrics in the order of their definition."""
    rules, metrics = [rule.name for rule in RULES], list(METRICS)
    places = pd.DataFrame(
        {
            "rule": table["rule"].map(rules.index),
            "metric": table["metric"].map(lambda name: metrics.index(name) if name in metrics else len(metrics)),
            "factor": table["factor"],
            "seeds": table["seeds"],
        }
    )
    return table.loc[places.sort_values(list(places), kind="stable").index].reset_index(drop=True)


def _stderr(rate: float, n: int) -> float:
    smoothed = (rate * n + 1) / (n + 2)
    return math.sqrt(smoothed * (1 - smoothed) / (n + 2))


def _kept(rate: float, error: float, rule: Rule) -> str:
    if math.isnan(rule.level):
        return ""
    excess = rate - rule.level if rule.kind == WRONG else rule.level - rate
    return "no" if excess > ERRORS * error else "yes"
