"""Verdicts on fixed statistics, method by method: whether they are matched, and whether the model improves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ebmbench.core.cells import AXES, Cell
from ebmbench.reporting.claims.verdicts import HELD, REFUTED, UNDECIDED
from ebmbench.reporting.comparison.equivalence import MATCHED as IS_MATCHED
from ebmbench.reporting.comparison.equivalence import NOT_MATCHED
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.paired import Paired
from ebmbench.reporting.comparison.ranking import LEVEL, holm_adjusted
from ebmbench.reporting.number_text import interval_text, number_text


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

_COLUMNS = (*AXES, "claim", "verdict", "effect", "ci_low", "ci_high", "unit", "pairs", "failed", "p", "p_holm")


def claims(matches: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    """Return a row per cell with statistics and claim: ``verdict``, ``effect``, interval, ``unit``, ``pairs``.

    The arguments are the tables of :func:`ebmbench.reporting.comparison.moment_match_report.matches` and
    :func:`ebmbench.reporting.comparison.differences.differences`. Matching is held if all target sets of the cell are
    matched, and not held if one is not matched; its effect is the largest D over them, in standard deviations, with
    one-sided 95 % bounds. The improvement of a metric is held, or not held, if the paired t-test over trainings
    rejects no difference at .05 with ``p_holm``, adjusted over all improvements of the table (Holm 1979). Where a
    training with statistics failed, it is not held or undecided. The interval of an improvement is the 95 % interval
    of that comparison alone; ``unit`` sd: standard deviations over the seeds of the cell without statistics, taken
    as known.
    """
    targets = matches[(matches["role"] == "target") & (matches["seeds"] + matches["failed"] > 0)]
    rows = [_matched(key, group) for key, group in targets.groupby(list(AXES), sort=True)]
    failed = {Cell(*key): int(group["failed"].max()) for key, group in targets.groupby(list(AXES))}
    rows += _gains(effects, failed)
    return pd.DataFrame(rows, columns=list(_COLUMNS)).sort_values([*AXES], kind="stable", ignore_index=True)


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
    verdicts = set(sets["matched"])
    verdict = REFUTED if NOT_MATCHED in verdicts else HELD if verdicts == {IS_MATCHED} else UNDECIDED
    worst = sets.sort_values("d2", na_position="first").iloc[-1]
    distance = {name: _distance(float(worst[of])) for name, of in _DISTANCE.items()}
    reported = {"claim": MATCHED, "verdict": verdict, **distance, "unit": "sd", "pairs": int(sets["seeds"].min())}
    return dict(zip(AXES, key, strict=True)) | reported | {"failed": int(sets["failed"].max())}


_DISTANCE = {"effect": "d2", "ci_low": "d2_low", "ci_high": "d2_high"}


def _distance(square: float) -> float:
    """Return D for an estimate of D^2, which may be below 0."""
    return square if math.isnan(square) else math.sqrt(max(square, 0.0))


def _gains(effects: pd.DataFrame, failed: Mapping[Cell, int]) -> list[dict[str, object]]:
    """Return the rows of all improvements, decided together."""
    found = [
        (claim, row)
        for claim in GAINS
        for row in effects[effects["metric"] == claim.metric].dropna(subset=["gain"]).to_dict("records")
    ]
    p = np.array([_p(row) for _, row in found], dtype=float)
    return [
        _gained(claim, row, failed.get(_cell(row), 0))
        | {"p": raw, "p_holm": adjusted}
        | {"verdict": _decided(row["gain"], adjusted, failed.get(_cell(row), 0))}
        for (claim, row), raw, adjusted in zip(found, p, holm_adjusted(p), strict=True)
    ]


def _cell(row: Mapping[str, Any]) -> Cell:
    return Cell(*(row[axis] for axis in AXES))


def _p(row: Mapping[str, Any]) -> float:
    names = ("gain", "gain_stderr", "gain_ci_low", "gain_ci_high", "pairs")
    return Paired(*(row[name] for name in names)).p


def _decided(gain: float, p: float, failed: int) -> str:
    """Return the verdict on an improvement; trainings that failed could each have been a harm."""
    if math.isnan(p) or p > LEVEL:
        return UNDECIDED
    if gain < 0:
        return REFUTED
    return UNDECIDED if failed else HELD


def _gained(claim: StatisticsClaim, row: Mapping[str, Any], failed: int) -> dict[str, object]:
    scale = (row["sd_other"] or math.nan) if claim.scaled else 1.0
    effect = {name: row[of] / scale for name, of in _INTERVAL.items()}
    reported = {"claim": claim.name, **effect, "unit": "sd" if claim.scaled else "nats"}
    return {axis: row[axis] for axis in AXES} | reported | {"pairs": row["pairs"], "failed": failed}


_INTERVAL = {"effect": "gain", "ci_low": "gain_ci_low", "ci_high": "gain_ci_high"}


def _text(row: Mapping[str, Any]) -> str:
    failed = f", {row['failed']} failed" if row["failed"] else ""
    if row["claim"] != MATCHED:
        return f"{row['verdict']} ({interval_text(row['effect'], row['ci_high'] - row['effect'])}{failed})"
    if math.isnan(row["effect"]):
        return f"{row['verdict']} ({row['failed']} failed)"
    effect, low, high = (number_text(row[name], 2) for name in ("effect", "ci_low", "ci_high"))
    bounds = "" if math.isnan(row["ci_high"]) else f", {low} to {high}"
    return f"{row['verdict']} ({effect}{bounds}{failed})"
