"""Compare a grid's fresh scores with its committed ones: keys of rows, statuses and values."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from ebmbench.core.columns import SCORES_KEY
from ebmbench.provenance.audit.finding import FAILED, Finding, summed
from ebmbench.provenance.audit.seed_spread import CONTROL
from ebmbench.provenance.audit.tolerances import Tolerance

#: relative and absolute tolerance of values that neither training nor the processor should change
RTOL, ATOL = 1e-5, 1e-7


def against(fresh: pd.DataFrame, committed: pd.DataFrame, tolerance: Tolerance) -> list[Finding]:
    """Return findings on scores.csv: keys, then statuses of common keys, then values that are ok on both sides.

    Controls (models without training) must agree within a relative 1e-5, trained models also within ``tolerance``. The
    smaller tolerance of both runs counts, so that an outlier does not widen its own. Values that are no finite numbers
    are not compared: :mod:`ebmbench.provenance.audit.table_cells` reports them.
    """
    both = _joined(fresh, committed, tolerance)
    here = both[both["_merge"] == "both"]
    same = here[here["status_fresh"] == here["status_committed"]]
    ok = same[(same["status_fresh"] == "ok") & same["value_fresh"].notna() & same["value_committed"].notna()]
    control = ok["loss"] == CONTROL
    repeated = [*_repeated("fresh", fresh), *_repeated("committed", committed)]
    return [*_keys(both, repeated), *_statuses(here), *_exact(ok[control]), *_trained(ok[~control])]


def rounding(values: pd.Series) -> pd.Series:
    """Return the deviation from committed ``values`` that is allowed without any training: that of rounding."""
    return RTOL * values.abs() + ATOL


def data_digests(fresh: pd.DataFrame, committed: pd.DataFrame) -> list[Finding]:
    """Return findings on runs.csv: runs that one side lacks, and runs whose data differ from the committed run's."""
    column = "provenance.data_digest"
    one, other = (of[["run", column]].drop_duplicates() for of in (fresh, committed))
    both = one.merge(other, on="run", how="outer", suffixes=("_fresh", "_committed")).fillna("missing")
    apart = both[both[f"{column}_fresh"] != both[f"{column}_committed"]]
    found = [
        Finding("data", row["run"], FAILED, f"digest {row[f'{column}_fresh']}, committed {row[f'{column}_committed']}")
        for row in apart.to_dict("records")
    ]
    return summed("data", found, len(both), "runs")


def _joined(fresh: pd.DataFrame, committed: pd.DataFrame, tolerance: Tolerance) -> pd.DataFrame:
    columns = [*SCORES_KEY, "status", "value", "tolerance"]
    once = [of.drop_duplicates(list(SCORES_KEY)) for of in (fresh, committed)]
    one, other = (of.assign(tolerance=tolerance(of))[columns] for of in once)
    return one.merge(other, on=list(SCORES_KEY), how="outer", suffixes=("_fresh", "_committed"), indicator=True)


def _repeated(side: str, scores: pd.DataFrame) -> list[Finding]:
    times = scores.groupby(list(SCORES_KEY), dropna=False).size()
    more = times[times > 1].rename("times").reset_index()
    return [
        Finding("keys", where(row), FAILED, f"the {side} run has {row['times']} such rows; allowed: one")
        for row in more.to_dict("records")
    ]


def _keys(both: pd.DataFrame, repeated: list[Finding]) -> list[Finding]:
    words = {"left_only": "is not in the committed run", "right_only": "is missing from the fresh run"}
    apart = both[both["_merge"] != "both"]
    found = [Finding("keys", where(row), FAILED, words[row["_merge"]]) for row in apart.to_dict("records")]
    return summed("keys", [*found, *repeated], int((both["_merge"] == "both").sum()), "rows of both runs")


def _statuses(here: pd.DataFrame) -> list[Finding]:
    apart = here[here["status_fresh"] != here["status_committed"]]
    found = [
        Finding("status", where(row), FAILED, f"{row['status_fresh']}, committed {row['status_committed']}")
        for row in apart.to_dict("records")
    ]
    return summed("status", found, len(here), "rows")


def _exact(rows: pd.DataFrame) -> list[Finding]:
    return summed("exact", _moved("exact", rows, rounding(rows["value_committed"])), len(rows), "values of controls")


def _trained(rows: pd.DataFrame) -> list[Finding]:
    least = rows[["tolerance_fresh", "tolerance_committed"]].min(axis="columns")
    allowed = least + rounding(rows["value_committed"])
    most = ((rows["value_fresh"] - rows["value_committed"]).abs() / allowed).max()
    more = "" if math.isnan(most) else f", the largest deviation is {most:.2g} of its tolerance"
    return summed("trained", _moved("trained", rows, allowed), len(rows), "values of trained models", more)


def _moved(check: str, rows: pd.DataFrame, allowed: pd.Series) -> list[Finding]:
    near = (rows["value_fresh"] - rows["value_committed"]).abs() <= allowed
    numbers = zip(rows[~near].to_dict("records"), allowed[~near], strict=True)
    return [_number(check, row, limit) for row, limit in numbers]


def _number(check: str, row: dict[str, Any], limit: float) -> Finding:
    fresh, committed = float(row["value_fresh"]), float(row["value_committed"])
    apart = f"{fresh:.9g}, committed {committed:.9g}, apart {abs(fresh - committed):.3g}"
    known = f"allowed: {limit:.3g}" if math.isfinite(limit) else "no tolerance was measured for it"
    return Finding(check, where(row), FAILED, f"{apart}; {known}", fresh, committed, limit)


def where(row: dict[str, object]) -> str:
    """Return the label of a row, e.g. ``moons/ebm-ed-none/s0 kl exact model``."""
    cell = f"{row['dataset']}/{row['family']}-{row['loss']}-{row['stats']}/s{row['seed']}"
    return f"{cell} {row['metric']} {row['split']} {row['distribution']}"
