"""Verdicts on fixed statistics, method by method: whether they are matched, and whether the model improves."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.reporting.claims.verdicts import HELD, REFUTED, UNDECIDED
from ebmbench.reporting.comparison.tables import interval_text, method_label

#: verdict on the interval of a gain -> verdict on the claim that there is a gain
_OF_GAIN = {"better": HELD, "worse": REFUTED, "undecided": UNDECIDED}


class StatisticsClaim(NamedTuple):
    """The claim that statistics improve ``metric``, in its unit or ``scaled`` by the sd of seeds without statistics."""

    name: str
    metric: str
    scaled: bool


#: claims about fit and generation, in the order of the columns
GAINS = (
    StatisticsClaim("fit improves, nll (nats)", "nll", False),
    StatisticsClaim("generation improves, mmd2 (sd)", "mmd2", True),
    StatisticsClaim("generation improves, sliced_wasserstein (sd)", "sliced_wasserstein", True),
)

MATCHED = "statistics are matched"


def claims(matches: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    """Return a row per cell with statistics and claim: ``verdict``, ``effect``, 95 % interval, ``unit``, ``pairs``.

    The arguments are the tables of :func:`ebmbench.reporting.comparison.moment_match_report.matches` and
    :func:`ebmbench.reporting.comparison.differences.differences`. Matching is held if all target sets of the cell
    match; its effect is their largest ratio of mismatch to floor, without an interval. The improvement of a metric is
    held, or not held, if the interval of its gain excludes 0; ``unit`` sd: standard deviations over the seeds of the
    cell without statistics, taken as known.
    """
    targets = matches[(matches["role"] == "target") & (matches["seeds"] > 0)]
    rows = [_matched(key, group) for key, group in targets.groupby(list(AXES), sort=True)]
    for claim in GAINS:
        found = effects[effects["metric"] == claim.metric].dropna(subset=["gain"])
        rows += [_gained(claim, row) for row in found.to_dict("records")]
    table = pd.DataFrame(rows, columns=[*AXES, "claim", "verdict", "effect", "ci_low", "ci_high", "unit", "pairs"])
    return table.sort_values([*AXES], kind="stable", ignore_index=True)


def counts(table: pd.DataFrame) -> pd.DataFrame:
    """Count, by entry of the statistics axis and claim, the data sets and losses for which the claim is held.

    ``7 of 9, 1 not``: held for 7 of 9 and not held for 1; the rest is undecided.
    """
    shown = []
    for stats, group in table.groupby("stats", sort=True):
        row = {"statistics": stats}
        for claim, of in group.groupby("claim"):
            against = int((of["verdict"] == REFUTED).sum())
            row[claim] = f"{(of['verdict'] == HELD).sum()} of {len(of)}" + (f", {against} not" if against else "")
        shown.append(row)
    return _filled(shown, ["statistics"])


def statistics_claims_page(table: pd.DataFrame) -> pd.DataFrame:
    """Format the verdicts for a reader: one row per cell, one column per claim."""
    shown = []
    for key, group in table.groupby(list(AXES), sort=True):
        row = {"data set": key[0], "method": method_label(*key[1:])}
        shown.append(row | {of["claim"]: _text(of) for of in group.to_dict("records")})
    return _filled(shown, ["data set", "method"])


def _filled(rows: list[dict[str, str]], head: list[str]) -> pd.DataFrame:
    """Return a table with one column per claim, empty where a row has none."""
    columns = [*head, *_NAMES]
    return pd.DataFrame([{name: row.get(name, "") for name in columns} for row in rows], columns=columns)


_NAMES = [MATCHED, *(claim.name for claim in GAINS)]


def _matched(key: tuple[str, ...], sets: pd.DataFrame) -> dict[str, object]:
    ratio = float((sets["mismatch"] / sets["floor95"]).max())
    verdict = HELD if (sets["matched"] == "yes").all() else REFUTED
    reported = {"claim": MATCHED, "verdict": verdict, "effect": ratio, "ci_low": math.nan, "ci_high": math.nan}
    return dict(zip(AXES, key, strict=True)) | reported | {"unit": "floor", "pairs": int(sets["seeds"].max())}


def _gained(claim: StatisticsClaim, row: dict[str, Any]) -> dict[str, object]:
    scale = (row["sd_other"] or math.nan) if claim.scaled else 1.0
    verdict = _OF_GAIN.get(row["verdict"], UNDECIDED)
    effect = {name: row[of] / scale for name, of in _INTERVAL.items()}
    reported = {"claim": claim.name, "verdict": verdict, **effect, "unit": "sd" if claim.scaled else "nats"}
    return {axis: row[axis] for axis in AXES} | reported | {"pairs": row["pairs"]}


_INTERVAL = {"effect": "gain", "ci_low": "gain_ci_low", "ci_high": "gain_ci_high"}


def _text(row: dict[str, Any]) -> str:
    if row["claim"] == MATCHED:
        return f"{row['verdict']} ({row['effect']:.2g})"
    return f"{row['verdict']} ({interval_text(row['effect'], row['ci_high'] - row['effect'])})"
