"""Differences between methods, paired by seed, metric by metric."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.columns import BASE
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.planning.comparisons import Pair, Side
from ebmbench.reporting.comparison.intervals import interval
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.paired import bootstrapped, paired
from ebmbench.reporting.number_text import interval_text

#: metrics that are compared, with their splits; lower is better for all of them
COMPARED = (
    ("kl", "exact"),
    ("nll", "test"),
    ("manifold_tv", "exact"),
    ("manifold_distance", "exact"),
    ("mmd2", "test"),
    ("sliced_wasserstein", "test"),
    ("energy_distance", "test"),
)


#: columns of the table in their order, for an empty table as well
COLUMNS = (
    *AXES,
    "other",
    "metric",
    "split",
    "value_other",
    "sd_other",
    "value",
    "gain",
    "gain_stderr",
    "gain_ci_low",
    "gain_ci_high",
    "gain_bootstrap_low",
    "gain_bootstrap_high",
    "pairs",
    "gain_sd",
    "verdict",
)


def differences(scores: pd.DataFrame, pairs: Iterable[Pair]) -> pd.DataFrame:
    """Compute one row per pair and metric that both have: the other's value minus the cell's, paired by seed.

    ``gain`` is the mean difference with its standard error and 95 % interval
    (:func:`ebmbench.reporting.comparison.paired.paired`), above 0 if the cell is better; ``gain_bootstrap`` holds
    bounds by :func:`ebmbench.reporting.comparison.paired.bootstrapped`, which do not affect the verdict; ``gain_sd`` is
    the gain in standard deviations of the other's values over seeds; ``verdict`` is better or worse if the interval
    excludes 0, else undecided; ``value`` and ``value_other`` are means over the seeds of each, ``sd_other`` is the
    standard deviation of the other's values.
    """
    values, rows = by_seed(scores), []
    for cell, other in pairs:
        head = {**cell._asdict(), "other": _label(other)}
        for name in COMPARED:
            own, others = values.get((Side(cell), name)), values.get((other, name))
            if own is not None and others is not None:
                rows.append(head | dict(zip(("metric", "split"), name, strict=True)) | _row(others, own))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def by_seed(scores: pd.DataFrame) -> dict[tuple[Side, tuple[str, str]], pd.Series]:
    """Return the values of the seeds with status ok, by side and by metric with its split."""
    ok = scores[scores["status"] == "ok"]
    groups = ok.groupby([*AXES, "distribution", "metric", "split"])
    return {
        (Side(Cell(*key[:4]), key[4]), key[5:]): rows.set_index("seed")["value"].astype(float) for key, rows in groups
    }


def differences_page(table: pd.DataFrame) -> pd.DataFrame:
    """Format the table for a page: one row per pair, one column per metric."""
    shown = []
    for key, group in table.groupby([*AXES, "other"], sort=True):
        row = {"data set": key[0], "method": method_label(*key[1:4]), "against": key[4]}
        row["pairs"] = int(group["pairs"].max())
        for entry in group.to_dict("records"):
            row[_heading(entry["metric"])] = gain_text(entry)
        shown.append(row)
    columns = ["data set", "method", "against", "pairs", *(_heading(name) for name, _ in COMPARED)]
    return pd.DataFrame(shown).reindex(columns=columns).dropna(axis="columns", how="all").fillna("")


def gain_text(row: dict) -> str:
    """Format a gain as ``gain ± half the width of its interval, verdict``."""
    return f"{interval_text(row['gain'], row['gain_ci_high'] - row['gain'])} {row['verdict']}".strip()


def _label(side: Side) -> str:
    return "its base alone" if side.distribution == BASE else method_label(*side.cell[1:])


def _row(other: pd.Series, own: pd.Series) -> dict[str, object]:
    of, spread = paired(other, own), interval(other).sd
    low, high = bootstrapped(other, own)
    return {
        "value_other": other.mean(),
        "sd_other": spread,
        "value": own.mean(),
        **of.columns("gain"),
        "gain_bootstrap_low": low,
        "gain_bootstrap_high": high,
        "pairs": of.pairs,
        "gain_sd": of.mean / spread if spread else math.nan,
        "verdict": verdict(of.ci_low, of.ci_high),
    }


def verdict(low: float, high: float) -> str:
    """Return better, worse or undecided by the interval of a gain; empty if there is no interval."""
    if math.isnan(low):
        return ""
    return "better" if low > 0 else "worse" if high < 0 else "undecided"


def _heading(name: str) -> str:
    return name + described(name).in_brackets
