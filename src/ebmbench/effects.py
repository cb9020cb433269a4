"""What fixed statistics do to fit and to generation: each arm against the same network without them."""

from __future__ import annotations

import math

import pandas as pd

from ebmbench.cells import AXES
from ebmbench.columns import MODEL
from ebmbench.metrics.table import metric as described
from ebmbench.paired import paired
from ebmbench.tables import interval, interval_text, method_label

#: metrics that are compared, with their splits; of all lower is better
COMPARED = (
    ("kl", "exact"),
    ("nll", "test"),
    ("mmd2", "test"),
    ("sliced_wasserstein", "test"),
    ("energy_distance", "test"),
)

#: the entry of statistics that others are compared with
WITHOUT = "none"

_METHOD = ["dataset", "family", "loss"]


def effects(scores: pd.DataFrame) -> pd.DataFrame:
    """One row a cell with statistics and metric: the value without them less the value with them, paired by seed.

    ``gain``: mean difference with its standard error and 95 % interval (:func:`ebmbench.paired.paired`), above 0 where
    statistics help; ``gain_sd``: in standard deviations over the seeds without them; ``verdict``: better or worse where
    the interval leaves out 0, else undecided. Cells whose network has no run without statistics are left out.
    """
    law = scores[(scores["law"] == MODEL) & (scores["status"] == "ok")]
    rows = []
    for name, split in COMPARED:
        part = law[(law["metric"] == name) & (law["split"] == split)]
        alone = {key: _by_seed(group) for key, group in part[part["stats"] == WITHOUT].groupby(_METHOD)}
        for key, group in part[part["stats"] != WITHOUT].groupby(list(AXES), sort=True):
            if key[:-1] in alone:
                rows.append(dict(zip(AXES, key, strict=True)) | _row(name, split, alone[key[:-1]], _by_seed(group)))
    return pd.DataFrame(rows)


def page(table: pd.DataFrame) -> pd.DataFrame:
    """The table for a reader: a row a method, a column a metric."""
    shown = []
    for key, group in table.groupby(list(AXES), sort=True):
        row = {"data set": key[0], "method": method_label(*key[1:]), "pairs": int(group["pairs"].max())}
        for entry in group.to_dict("records"):
            text = interval_text(entry["gain"], entry["gain_ci_high"] - entry["gain"])
            row[_heading(entry["metric"])] = f"{text} {entry['verdict']}".strip()
        shown.append(row)
    columns = ["data set", "method", "pairs", *(_heading(name) for name, _ in COMPARED)]
    table = pd.DataFrame(shown).reindex(columns=columns)
    return table.dropna(axis="columns", how="all").fillna("")


def _row(name: str, split: str, without: pd.Series, own: pd.Series) -> dict[str, object]:
    of, spread = paired(without, own), interval(without).sd
    return {
        "metric": name,
        "split": split,
        "without": without.mean(),
        "with": own.mean(),
        "gain": of.mean,
        "stderr": of.stderr,
        "gain_ci_low": of.ci_low,
        "gain_ci_high": of.ci_high,
        "pairs": of.pairs,
        "gain_sd": of.mean / spread if spread else math.nan,
        "verdict": _verdict(of.ci_low, of.ci_high),
        "unit": described(name).unit,
    }


def _verdict(low: float, high: float) -> str:
    if math.isnan(low):
        return ""
    return "better" if low > 0 else "worse" if high < 0 else "undecided"


def _by_seed(rows: pd.DataFrame) -> pd.Series:
    return rows.set_index("seed")["value"].astype(float)


def _heading(name: str) -> str:
    unit = described(name).unit
    return name if unit == "1" else f"{name} ({unit})"
