"""Moment-match report: which methods match the data's statistics, of their target sets and of held-out sets."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import pandas as pd

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.columns import MODEL, SAMPLER
from ebmbench.evaluation.metrics.registry import set_and_summary
from ebmbench.reporting.comparison.equivalence import NEEDED, equivalence
from ebmbench.reporting.comparison.intervals import interval

#: mean mismatch of the statistics in the form that models use, and its 95 % floor if the means match
MISMATCH, FLOOR = "smooth", "smooth_floor95"

#: squared Mahalanobis distance of the means, and its 95 % floor
DISTANCE, DISTANCE_FLOOR = "d2", "d2_floor95"

#: further summaries, reported as means over seeds
BESIDE = (
    "mean",
    "max",
    "fraction",
    DISTANCE,
    DISTANCE_FLOOR,
    "w1",
    "w1_floor",
    "headroom",
    "headroom_test",
    "stein",
    "ed",
)

#: the two sides of the gain identity, known for runs with a tilt result
SIDES = ("gain", "gained")

#: roles of an evaluation set for a cell: its models match it; they match others; they match none
TARGET, HELD_OUT, NO_STATISTICS = "target", "held out", ""

#: the entry of the statistics axis without statistics, and the family whose samples are the data's own
NONE, ORACLE = "none", "oracle"


def matches(scores: pd.DataFrame, runs: pd.DataFrame, given: Mapping[Cell, Collection[str]]) -> pd.DataFrame:
    """Return one row per cell and evaluation set: whether the cell's trainings match it, and by how much they miss.

    ``given``: the sets whose statistics a cell's models match, for cells that match any; ``role`` is then target or
    held out. ``matched``: the verdict of :func:`ebmbench.reporting.comparison.equivalence.equivalence` with its
    ``reason`` and the bounds ``d2_low``, ``d2_high``, over ``seeds`` trainings with a value and ``failed`` without;
    empty if the set does not apply to the model. ``matched_without``, ``matched_oracle``: the verdicts on the same
    network without statistics and on fresh samples from the data, where the grid has them. ``mismatch``: mean
    over seeds, in test sd, with its standard error; ``sampler``: the same for samples of the declared sampler; other
    columns as in :mod:`ebmbench.evaluation.metrics.registry`. ``gain``, ``gained``: the two sides of the gain
    identity in nats, means over the runs with a tilt result; ``apart``: their largest difference; ``apart_z``: the
    largest difference in standard errors, where these are positive.
    """
    named = scores.assign(**_named(scores["metric"])).dropna(subset=["set"])
    gains = _gains(runs)
    rows = []
    for key, group in named.groupby([*AXES, "set"], sort=True):
        cell, name = Cell(*key[:-1]), key[-1]
        distributions = {distribution: _wide(part) for distribution, part in group.groupby("distribution")}
        found = distributions.get(MODEL, pd.DataFrame())
        row = {**cell._asdict(), "set": name, "role": _role(cell, name, given)}
        row |= _verdict(found, _failed(group)) | _mismatch(found)
        row["sampler"] = _mean(distributions.get(SAMPLER, pd.DataFrame()), MISMATCH)
        row |= {summary: _mean(found, summary) for summary in BESIDE}
        rows.append(row | (gains.get(cell, _NO_GAIN) if row["role"] == TARGET else _NO_GAIN))
    return _with_references(pd.DataFrame(rows))


def _named(metrics: pd.Series) -> dict[str, pd.Series]:
    found = {name: set_and_summary(name) or (None, None) for name in metrics.unique()}
    return {"set": metrics.map(lambda name: found[name][0]), "summary": metrics.map(lambda name: found[name][1])}


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per seed and one column per summary; NaN where there is no value."""
    return rows.pivot(index="seed", columns="summary", values="value").astype(float)


def _role(cell: Cell, name: str, given: Mapping[Cell, Collection[str]]) -> str:
    if cell not in given:
        return NO_STATISTICS
    return TARGET if name in given[cell] else HELD_OUT


def _failed(rows: pd.DataFrame) -> int:
    """Count the trainings that should have a distance and have none."""
    asked = rows[(rows["distribution"] == MODEL) & (rows["summary"] == DISTANCE)]
    return int((~asked["status"].isin(["ok", "skipped"])).sum())


def _verdict(found: pd.DataFrame, failed: int) -> dict[str, object]:
    known = found.reindex(columns=list(NEEDED)).dropna(subset=[DISTANCE, DISTANCE_FLOOR])
    of = equivalence(known, failed)
    applies = len(known) or failed
    decided = {"matched": of.verdict if applies else "", "reason": of.reason if applies else ""}
    return {"seeds": len(known), "failed": failed} | decided | {"d2_low": of.low, "d2_high": of.high}


def _with_references(table: pd.DataFrame) -> pd.DataFrame:
    """Add each row's verdicts on the same network without statistics and on the oracle."""
    if table.empty:
        return table
    verdicts = {tuple(key): verdict for *key, verdict in table[[*AXES, "set", "matched"]].itertuples(index=False)}
    keys = [(Cell(*key[:-1]), key[-1]) for key in table[[*AXES, "set"]].itertuples(index=False)]
    without = [verdicts.get((*of._replace(stats=NONE), name), "") if of.stats != NONE else "" for of, name in keys]
    oracle = [verdicts.get((of.dataset, ORACLE, NONE, NONE, name), "") for of, name in keys]
    place = table.columns.get_loc("reason") + 1
    head, tail = table.iloc[:, :place], table.iloc[:, place:]
    return pd.concat([head.assign(matched_without=without, matched_oracle=oracle), tail], axis="columns")


def _mismatch(found: pd.DataFrame) -> dict[str, float]:
    known = found.reindex(columns=[MISMATCH, FLOOR]).dropna()
    of, floor = interval(known[MISMATCH]), float(known[FLOOR].mean())
    return {"mismatch": of.mean, "stderr": of.stderr, "mismatch_ci_high": of.mean + of.half, "floor95": floor}


def _mean(found: pd.DataFrame, name: str) -> float:
    return float(found[name].mean()) if name in found else math.nan


_NO_GAIN = {"gain": math.nan, "gained": math.nan, "apart": math.nan, "apart_z": math.nan}


def _gains(runs: pd.DataFrame) -> dict[Cell, dict[str, float]]:
    """Return both sides of the gain identity by cell, over the seeds with a tilt result."""
    columns = {f"{side}{end}": f"train.tilt_{side}{end}" for side in SIDES for end in ("", "_stderr")}
    if not set(columns.values()) <= set(runs):
        return {}
    solved = runs.dropna(subset=list(columns.values()))
    found = {}
    for key, rows in solved.groupby(list(AXES)):
        values = {name: rows[column].astype(float) for name, column in columns.items()}
        apart = (values["gain"] - values["gained"]).abs()
        errors = (values["gain_stderr"] ** 2 + values["gained_stderr"] ** 2) ** 0.5
        z = (apart / errors)[errors > 0]
        found[Cell(*key)] = {
            **{side: float(values[side].mean()) for side in SIDES},
            "apart": float(apart.max()),
            "apart_z": float(z.max()) if len(z) else math.nan,
        }
    return found
