"""Compare a grid's fresh scores with its committed ones: keys of rows, statuses and values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from ebmbench.core.columns import SCORES_KEY
from ebmbench.provenance.audit.finding import FAILED, Finding, summed

#: relative and absolute tolerance of values that neither training nor the processor should change
RTOL, ATOL = 1e-5, 1e-7

#: tolerance of values that depend on training, in multiples of :func:`scale`
SCALES = 4.0

#: the loss entry of models that are not trained
CONTROL = "none"

#: columns that group cells for the typical spread over seeds
_METRIC = ["dataset", "metric", "split", "law"]


def against(fresh: pd.DataFrame, committed: pd.DataFrame) -> list[Finding]:
    """Return findings on scores.csv: keys, then statuses of common keys, then values that are ok on both sides.

    Controls (models without training) must agree within a relative 1e-5, trained models within four times
    :func:`scale`. The smaller scale of both runs counts, so that an outlier does not widen its own tolerance. A missing
    value or NaN in a row with status ok is always a finding.
    """
    both = _joined(fresh, committed)
    here = both[both["_merge"] == "both"]
    same = here[here["status_fresh"] == here["status_committed"]]
    ok = same[same["status_fresh"] == "ok"]
    control = ok["loss"] == CONTROL
    return [*_keys(both), *_statuses(here), *_exact(ok[control]), *_trained(ok[~control])]


def data_digests(fresh: pd.DataFrame, committed: pd.DataFrame) -> list[Finding]:
    """Return findings on runs.csv: runs whose training and evaluation data differ from those of the committed run."""
    column = "provenance.data_digest"
    both = fresh[["run", column]].merge(committed[["run", column]], on="run", suffixes=("_fresh", "_committed"))
    apart = both[both[f"{column}_fresh"].fillna("") != both[f"{column}_committed"].fillna("")]
    found = [
        Finding("data", row["run"], FAILED, f"digest {row[f'{column}_fresh']}, committed {row[f'{column}_committed']}")
        for row in apart.to_dict("records")
    ]
    return summed("data", found, len(both), "runs")


def scale(scores: pd.DataFrame) -> pd.Series:
    """Return sqrt(s^2 + 2 e^2) for each row: s is the spread over the cell's seeds, e the row's Monte-Carlo error.

    s is the sample standard deviation over seeds, or its median over the data set's cells if that is larger, because
    two seeds agree by chance too often. The factor 2 accounts for the error e of each of the two runs.
    """
    ok = scores[(scores["status"] == "ok") & (scores["loss"] != CONTROL)]
    cells = [name for name in SCORES_KEY if name != "seed"]
    own = ok.groupby(cells)["value"].std().rename("own")
    typical = own.groupby(_METRIC).median().rename("typical")
    spread = scores[cells].join(own, on=cells).join(typical, on=_METRIC)[["own", "typical"]].max(axis="columns")
    return np.sqrt(spread.fillna(0.0) ** 2 + 2 * scores["stderr"].astype(float).fillna(0.0) ** 2)


def tolerance(value: pd.Series, scale: pd.Series | float) -> pd.Series:
    """Return the largest deviation from the committed ``value`` that is allowed at the :func:`scale` of its row.

    A scale of 0 allows rounding alone.
    """
    return SCALES * scale + RTOL * value.abs() + ATOL


def _joined(fresh: pd.DataFrame, committed: pd.DataFrame) -> pd.DataFrame:
    columns = [*SCORES_KEY, "status", "value", "scale"]
    one, other = (of.assign(scale=scale(of))[columns] for of in (fresh, committed))
    return one.merge(other, on=list(SCORES_KEY), how="outer", suffixes=("_fresh", "_committed"), indicator=True)


def _keys(both: pd.DataFrame) -> list[Finding]:
    words = {"left_only": "is not in the committed run", "right_only": "is missing from the fresh run"}
    apart = both[both["_merge"] != "both"]
    found = [Finding("keys", where(row), FAILED, words[row["_merge"]]) for row in apart.to_dict("records")]
    return summed("keys", found, int((both["_merge"] == "both").sum()), "rows of both runs")


def _statuses(here: pd.DataFrame) -> list[Finding]:
    apart = here[here["status_fresh"] != here["status_committed"]]
    found = [
        Finding("status", where(row), FAILED, f"{row['status_fresh']}, committed {row['status_committed']}")
        for row in apart.to_dict("records")
    ]
    return summed("status", found, len(here), "rows")


def _exact(rows: pd.DataFrame) -> list[Finding]:
    allowed = tolerance(rows["value_committed"], 0.0)
    return summed("exact", _moved("exact", rows, allowed), len(rows), "values of controls")


def _trained(rows: pd.DataFrame) -> list[Finding]:
    least = rows[["scale_fresh", "scale_committed"]].min(axis="columns")
    allowed = tolerance(rows["value_committed"], least)
    most = ((rows["value_fresh"] - rows["value_committed"]).abs() / allowed).max()
    more = "" if math.isnan(most) else f", the largest deviation is {most:.2g} of its tolerance"
    return summed("trained", _moved("trained", rows, allowed), len(rows), "values of trained models", more)


def _moved(check: str, rows: pd.DataFrame, allowed: pd.Series) -> list[Finding]:
    near = (rows["value_fresh"] - rows["value_committed"]).abs() <= allowed
    numbers = zip(rows[~near].to_dict("records"), allowed[~near], strict=True)
    return [_number(check, row, limit) for row, limit in numbers]


def _number(check: str, row: dict[str, Any], limit: float) -> Finding:
    fresh, committed = float(row["value_fresh"]), float(row["value_committed"])
    if math.isnan(fresh) or math.isnan(committed):
        side = "fresh" if math.isnan(fresh) else "committed"
        detail = f"the {side} value is NaN although its status is ok"
    else:
        detail = f"{fresh:.9g}, committed {committed:.9g}, apart {abs(fresh - committed):.3g}; allowed: {limit:.3g}"
    return Finding(check, where(row), FAILED, detail, fresh, committed, limit)


def where(row: dict[str, object]) -> str:
    """Return the label of a row, e.g. ``moons/ebm-ed-none/s0 kl exact model``."""
    cell = f"{row['dataset']}/{row['family']}-{row['loss']}-{row['stats']}/s{row['seed']}"
    return f"{cell} {row['metric']} {row['split']} {row['law']}"
