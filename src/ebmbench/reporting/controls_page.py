"""The page of controls: verdicts on the tables' columns by data set, and the numbers of those that fail."""

from __future__ import annotations

import pandas as pd

from ebmbench.reporting.comparison.columns import Column, columns_of, heading
from ebmbench.reporting.comparison.control_marks import MARK
from ebmbench.reporting.comparison.controls import NATS, Control
from ebmbench.reporting.comparison.ranking import LEVEL
from ebmbench.reporting.markdown import markdown

_ABOUT = (
    "Can a metric be trusted on a data set? Two controls. Oracle: samples of the truth, or real data that no model has "
    "seen, have to be in the best group of the metric; if not, the metric rewards something else than the data's "
    "distribution. Simple: a Gaussian (or the simplest model of the grid) must not be in the best group where it is "
    f"{NATS:g} nat or more worse than the best trained method in KL, or in test negative log-likelihood; if it is, the "
    "metric sees too little with these seeds and samples. In the best group is every method that is not shown to be "
    "behind a trained method by more than the metric's margin (one-sided t-tests paired by seed, variances moderated "
    f"over the methods, Bonferroni over them, level {LEVEL}). Undecided: neither control is there, the simple "
    f"model is not {NATS:g} nat worse, or there are no errors. Tables mark metrics that fail with {MARK}, and they "
    "decide no claim. controls.csv has all metrics, splits and distributions."
)

_NUMBERS = (
    "behind: distance to the best trained method on the metric's scale (a log ratio for positive errors), above 0 if "
    "the control is worse; p: one-sided, that it is within the margin of every trained method, after Bonferroni. The "
    "oracle fails if its p is small, the simple model if its p is not."
)

_TEXTS = {
    (Control.PASS, Control.FAILS): "fails: simple",
    (Control.UNDECIDED, Control.FAILS): "fails: simple",
    (Control.FAILS, Control.PASS): "fails: oracle",
    (Control.FAILS, Control.UNDECIDED): "fails: oracle",
    (Control.FAILS, Control.FAILS): "fails: both",
    (Control.PASS, Control.PASS): "pass",
    (Control.PASS, Control.UNDECIDED): "pass: oracle",
    (Control.UNDECIDED, Control.PASS): "pass: simple",
    (Control.UNDECIDED, Control.UNDECIDED): str(Control.UNDECIDED),
}


def controls_page(table: pd.DataFrame, summary: pd.DataFrame) -> str:
    """Return the page: verdicts of the tables' columns by data set, and the numbers of those that fail.

    ``table``: :func:`~ebmbench.reporting.comparison.controls.controls`; ``summary``: summary.csv, for the columns.
    """
    shown = {(dataset, column) for dataset, part in summary.groupby("dataset") for column in columns_of(part)}
    keys = [
        (row.dataset, Column(row.metric, row.split, row.distribution)) in shown for row in table.itertuples(index=False)
    ]
    of_tables = table[keys]
    counts = [f"{count} {word}" for word in Control if (count := int((of_tables["verdict"] == word).sum()))]
    about = f"{_ABOUT} Of {len(of_tables)} columns of the tables: {', '.join(counts) or 'none'}."
    failed = of_tables[of_tables["verdict"] == Control.FAILS]
    numbers = markdown("Columns that fail", _NUMBERS, pd.DataFrame([_number(row) for row in failed.to_dict("records")]))
    return f"{markdown('Controls of metrics', about, _matrix(of_tables))}\n#{numbers}"


def _matrix(table: pd.DataFrame) -> pd.DataFrame:
    """Return verdicts by column (rows, in the tables' order) and data set."""
    texts: dict[str, dict[str, str]] = {}
    for row in table.itertuples(index=False):
        name = heading(Column(row.metric, row.split, row.distribution))
        verdict = _TEXTS[Control(row.oracle), Control(row.simple)]
        texts.setdefault(name, {})[row.dataset] = verdict
    datasets = sorted(set(table["dataset"]))
    return pd.DataFrame(
        [{"column": name} | {of: found.get(of, "") for of in datasets} for name, found in texts.items()]
    )


def _number(row: dict) -> dict[str, object]:
    column = Column(row["metric"], row["split"], row["distribution"])
    return {
        "data set": row["dataset"],
        "column": heading(column),
        "verdict": _TEXTS[Control(row["oracle"]), Control(row["simple"])],
        "best": f"{row['best']}: {_short(row['best_value'])}",
        "oracle": _short(row["oracle_value"]),
        "oracle behind (p)": _behind(row["oracle_behind"], row["oracle_p"]),
        "simple": f"{row['simple_family']}: {_short(row['simple_value'])}" if row["simple_family"] else "",
        "simple behind (p)": _behind(row["simple_behind"], row["simple_p"]),
        "nats worse": _short(row["nats_behind"]),
    }


def _behind(value: float, p: float) -> str:
    return "" if pd.isna(value) else f"{_short(value)} ({_short(p) or '—'})"


def _short(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.3g}"
