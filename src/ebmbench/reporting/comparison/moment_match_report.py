"""Moment-match report: which runs match the data's statistics, of their target sets and of held-out sets."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import pandas as pd
from scipy.special import bdtrc

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.columns import MODEL, SAMPLER
from ebmbench.evaluation.metrics.registry import set_and_summary
from ebmbench.reporting.comparison.tables import interval, interval_text, method_label

#: probability that a matched run exceeds its floor; also the level of the test that too many runs exceed it
LEVEL = 0.05

#: mean mismatch of the statistics in the form that models use, and its 95 % floor if the means match
MISMATCH, FLOOR = "smooth", "smooth_floor95"

#: further summaries, reported as means over seeds
BESIDE = ("mean", "d2", "d2_floor95", "w1", "w1_floor", "headroom", "headroom_test", "stein", "ed")

#: the two sides of the gain identity, known for runs with a tilt result
SIDES = ("gain", "gained")


def matches(scores: pd.DataFrame, runs: pd.DataFrame, given: Mapping[Cell, Collection[str]]) -> pd.DataFrame:
    """Return one row per cell and evaluation set: how many seeds exceed the floor, and whether that is too many.

    ``given``: the sets whose statistics a cell's models match, for cells that match any; ``role`` is then target or
    held out. In ``above`` of ``seeds`` runs the mean mismatch between fresh samples and the test set exceeds the
    floor, below which matched means stay in 19 of 20 cases; ``p``: the probability of at least that many if all
    match; ``matched``: yes if p exceeds .05. ``mismatch``: mean over seeds, in test sd, with its standard error;
    ``sampler``: the same for samples of the declared sampler; other columns as in
    :mod:`ebmbench.evaluation.metrics.registry`. ``gain``, ``gained``: the two sides of the gain identity in nats, means
    over the runs with a tilt result; ``apart``: their largest difference; ``apart_z``: the largest difference in
    standard errors, where these are positive.
    """
    named = scores.assign(**_named(scores["metric"])).dropna(subset=["set"])
    gains = _gains(runs)
    rows = []
    for key, group in named.groupby([*AXES, "set"], sort=True):
        cell, name = Cell(*key[:-1]), key[-1]
        laws = {law: _wide(part) for law, part in group.groupby("law")}
        found = laws.get(MODEL, pd.DataFrame())
        row = {**cell._asdict(), "set": name, "role": _role(cell, name, given)} | _verdict(found)
        row["sampler"] = _mean(laws.get(SAMPLER, pd.DataFrame()), MISMATCH)
        row |= {summary: _mean(found, summary) for summary in BESIDE}
        rows.append(row | (gains.get(cell, _NO_GAIN) if row["role"] == "target" else _NO_GAIN))
    return pd.DataFrame(rows)


def moment_match_page(table: pd.DataFrame) -> pd.DataFrame:
    """Format the table for a reader, sorted by data set, role and set."""
    shown = []
    for row in table.sort_values(["dataset", "role", "set"], kind="stable").to_dict("records"):
        half = row["mismatch_ci_high"] - row["mismatch"]
        shown.append(
            {
                "data set": row["dataset"],
                "method": method_label(row["family"], row["loss"], row["stats"]),
                "set": f"{row['set']} ({row['role']})" if row["role"] else row["set"],
                "matched": f"{row['matched']} ({row['above']} of {row['seeds']} above)" if row["seeds"] else "—",
                "mismatch (sd)": interval_text(row["mismatch"], half) if row["seeds"] else "",
                "floor (sd)": _text(row["floor95"]),
                "hard (sd)": _text(row["mean"]),
                "sampler (sd)": _text(row["sampler"]),
                "D² / floor": f"{_text(row['d2'])} / {_text(row['d2_floor95'])}",
                "W1 / floor (sd)": f"{_text(row['w1'])} / {_text(row['w1_floor'])}",
                "head-room (nats)": _text(row["headroom"]),
                "on test rows (nats)": _text(row["headroom_test"]),
                "Stein": _text(row["stein"]),
                "noise and back (sd)": _text(row["ed"]),
                "gain / gained (nats)": f"{_text(row['gain'])} / {_text(row['gained'])}" if row["gain"] > -1 else "",
            }
        )
    return pd.DataFrame(shown)


def _named(metrics: pd.Series) -> dict[str, pd.Series]:
    found = {name: set_and_summary(name) or (None, None) for name in metrics.unique()}
    return {"set": metrics.map(lambda name: found[name][0]), "summary": metrics.map(lambda name: found[name][1])}


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per seed and one column per summary; NaN where there is no value."""
    return rows.pivot(index="seed", columns="summary", values="value").astype(float)


def _role(cell: Cell, name: str, given: Mapping[Cell, Collection[str]]) -> str:
    if cell not in given:
        return ""
    return "target" if name in given[cell] else "held out"


def _verdict(found: pd.DataFrame) -> dict[str, object]:
    ok = found.dropna(subset=[MISMATCH, FLOOR]) if {MISMATCH, FLOOR} <= set(found) else found[:0]
    n = len(ok)
    above = int((ok[MISMATCH] > ok[FLOOR]).sum()) if n else 0
    p = float(bdtrc(above - 1, n, LEVEL)) if n else math.nan
    of = interval(ok[MISMATCH] if n else pd.Series(dtype=float))
    return {
        "seeds": n,
        "above": above,
        "p": p,
        "matched": "" if not n else "yes" if p > LEVEL + 1e-9 else "no",
        "mismatch": of.mean,
        "stderr": of.stderr,
        "mismatch_ci_high": of.mean + of.half,
        "floor95": _mean(ok, FLOOR),
    }


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


def _text(value: float) -> str:
    return "—" if pd.isna(value) else f"{value:.3g}"
