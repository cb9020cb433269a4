"""Which runs have the data's statistics: of the sets that they were given, and of those that they were not."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import pandas as pd
from scipy.special import bdtrc

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.columns import MODEL, SAMPLER
from ebmbench.evaluation.metrics.registry import set_and_summary
from ebmbench.reporting.comparison.tables import interval, interval_text, method_label

#: with this probability a matched run is above its floor; below it the number of those above is called too many
LEVEL = 0.05

#: the mean mismatch of statistics as models are given them, and what matched ones stay below
MISMATCH, FLOOR = "smooth", "smooth_floor95"

#: summaries that are told beside, as means over seeds
BESIDE = ("mean", "d2", "d2_floor95", "w1", "w1_floor", "headroom", "headroom_test", "stein", "ed")

#: how far the two sides of the gain identity are apart, in a run that was settled
SIDES = ("gain", "gained")


def matches(scores: pd.DataFrame, runs: pd.DataFrame, given: Mapping[Cell, Collection[str]]) -> pd.DataFrame:
    """One row a cell and evaluation set: how many seeds are above the floor, and whether that is too many.

    ``given``: the sets whose statistics a cell's models are given, where they are given some; ``role`` is then target
    or held out. ``above`` of ``seeds`` have a mean mismatch of fresh draws against the test rows above what matched
    means stay below in 19 of 20 cases; ``p``: the chance of that many or more if all matched; ``matched``: yes where
    that is above .05. ``mismatch``: mean over seeds, in test sd, with its standard error; ``sampler``: the same of the
    declared sampler's draws; the rest as in :mod:`ebmbench.evaluation.metrics.registry`. ``gain``, ``gained``: the two
    sides of the gain identity of settled runs in nats, means over seeds; ``apart``: their greatest difference;
    ``apart_z``: that in standard errors, where they have some.
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
    """The table for a reader: targets first."""
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
    """A row a seed, a column a summary; NaN where there is no value."""
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
    """Both sides of the gain identity by cell, over the seeds that were settled."""
    columns = {f"{side}{end}": f"train.tilt_{side}{end}" for side in SIDES for end in ("", "_stderr")}
    if not set(columns.values()) <= set(runs):
        return {}
    settled = runs.dropna(subset=list(columns.values()))
    found = {}
    for key, rows in settled.groupby(list(AXES)):
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
