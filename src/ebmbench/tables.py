"""Summaries over seeds: scores to means with intervals, runs to costs, and both to tables for a reader."""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd
from scipy.stats import t as student

from ebmbench.cells import AXES
from ebmbench.metrics.table import metric as described

#: probability that a 95 % interval leaves out, on both sides together
TAIL = 0.05

#: the metrics of a reader's table with the split each is read on, in the order of its columns
COLUMNS = (
    ("kl", "exact"),
    ("nll", "test"),
    ("nll_trimmed", "test"),
    ("mode_weight_error", "exact"),
    ("energy_distance", "test"),
    ("mmd2", "test"),
    ("sliced_wasserstein", "test"),
    ("moments_mismatch_mean", "test"),
)

#: a number with more decimals or digits than these is written with an exponent
_DECIMALS, _DIGITS = 5, 6

_METHOD = list(AXES[1:])


class Interval(NamedTuple):
    """Mean over seeds, sample standard deviation, standard error of the mean, and half the interval's width."""

    mean: float
    sd: float
    stderr: float
    half: float


def interval(values: pd.Series) -> Interval:
    """m ± t_{0.975, n-1} s / sqrt(n) of n values; all but m are NaN for n = 1, and m too for n = 0.

    Student (1908). s is the sample standard deviation, with n - 1.
    """
    n = len(values)
    sd = values.std(ddof=1) if n > 1 else math.nan
    stderr = sd / math.sqrt(n) if n > 1 else math.nan
    half = student.ppf(1 - TAIL / 2, n - 1) * stderr if n > 1 else math.nan
    return Interval(values.mean() if n else math.nan, sd, stderr, half)


def summarise(scores: pd.DataFrame) -> pd.DataFrame:
    """One row a (cell, split, metric): the mean over the seeds whose status is ok, and how sure it is.

    ``seeds`` counts the runs in the mean, ``failed`` those that have no value and are left out of it, and
    ``failures`` names their statuses. ``stderr`` is that of the mean over seeds; ``mc_stderr`` is
    sqrt(mean_s stderr_s^2), the typical Monte-Carlo error within one run.
    """
    groups = scores.groupby([*AXES, "split", "metric"], sort=True)
    return pd.DataFrame([dict(zip(groups.keys, key, strict=True)) | _summary(key[-1], g) for key, g in groups])


def _summary(metric: str, rows: pd.DataFrame) -> dict[str, object]:
    ok = rows[rows["status"] == "ok"]
    of = interval(ok["value"])
    squares = ok["stderr"].astype(float) ** 2
    counts = rows["status"][rows["status"] != "ok"].value_counts().sort_index()
    entry = described(metric)
    return {
        "mean": of.mean,
        "sd": of.sd,
        "seeds": len(ok),
        "failed": len(rows) - len(ok),
        "failures": ", ".join(f"{count} {status}" for status, count in counts.items()),
        "ci_low": of.mean - of.half,
        "ci_high": of.mean + of.half,
        "stderr": of.stderr,
        "mc_stderr": math.sqrt(squares.mean()) if squares.notna().any() else math.nan,
        "unit": entry.unit,
        "direction": entry.direction,
    }


def method_label(family: str, loss: str, stats: str) -> str:
    """A method's name for a reader, ``ebm · ed · moments``; parts called ``none`` are left out."""
    return " · ".join(part for part in (family, loss, stats) if part != "none")


def columns_of(summary: pd.DataFrame) -> list[tuple[str, str]]:
    """Those (metric, split) of :data:`COLUMNS` that ``summary`` holds."""
    held = set(zip(summary["metric"], summary["split"], strict=True))
    return [column for column in COLUMNS if column in held]


def readers_table(summary: pd.DataFrame) -> pd.DataFrame:
    """One data set's summary as text: a row a method, a column a metric.

    Sorted by the first column of :data:`COLUMNS` that the data set has, lowest first, methods without a
    value last.
    """
    columns = columns_of(summary)
    rows = []
    for names, group in summary.groupby(_METHOD, sort=True):
        cells = {(row["metric"], row["split"]): row for row in group.to_dict("records")}
        row = {"method": method_label(*names), "runs": int((group["seeds"] + group["failed"]).max())}
        row["rank"] = cells[columns[0]]["mean"] if columns and columns[0] in cells else math.nan
        rows.append(row | {heading(name): cell_text(cells.get((name, split))) for name, split in columns})
    return pd.DataFrame(rows).sort_values("rank", kind="stable").drop(columns="rank")


def heading(metric: str) -> str:
    """The heading of a metric's column: its name and unit."""
    unit = described(metric).unit
    return metric if unit == "1" else f"{metric} ({unit})"


def cell_text(row: dict | None) -> str:
    """``mean ± half-width (failures)`` of a row of :func:`summarise`; empty where the metric is not defined."""
    if row is None:
        return ""
    failures = f" ({row['failures']})" if row["failed"] else ""
    if not row["seeds"]:
        return f"—{failures}"
    return interval_text(row["mean"], row["ci_high"] - row["mean"]) + failures


def interval_text(mean: float, half: float) -> str:
    """``mean ± half`` with two significant digits of ``half`` and as many decimals of ``mean``.

    Without an interval, ``mean`` has four significant digits.
    """
    if math.isnan(half) or half < 1e-12 * abs(mean) or half == 0:
        return f"{mean:.4g}" + ("" if math.isnan(half) else " ± 0")
    half = float(f"{half:.1e}")
    decimals = 1 - math.floor(math.log10(half))
    size = math.floor(math.log10(max(abs(mean), half)))
    if decimals > _DECIMALS or size >= _DIGITS:
        scale, decimals = 10.0**size, max(decimals + size, 0)
        return f"({mean / scale:.{decimals}f} ± {half / scale:.{decimals}f})e{size:+03d}"
    decimals = max(decimals, 0)
    return f"{mean:.{decimals}f} ± {half:.{decimals}f}"


def cost(runs: pd.DataFrame) -> pd.DataFrame:
    """Medians over the runs whose status is ok, one row a cell.

    Seconds are wall-clock, evaluations count points, memory is the process's peak in 10^6 bytes. ``runs``
    counts those in the median and ``failed`` those left out of it.
    """
    figures = {
        "train_seconds": "train.seconds",
        "train_cpu_seconds": "train.cpu_seconds",
        "train_energy_evaluations": "train.energy_evaluations",
        "train_gradient_evaluations": "train.gradient_evaluations",
        "sampling_seconds": "sampling.seconds",
        "sampling_energy_evaluations": "sampling.energy_evaluations",
        "sampling_gradient_evaluations": "sampling.gradient_evaluations",
        "parameters": "train.parameters",
        "peak_memory_mb": "train.peak_memory_mb",
    }
    rows = []
    for names, group in runs.groupby(list(AXES), sort=True):
        ok = group[group["status"] == "ok"]
        medians = {name: ok[source].astype(float).median() for name, source in figures.items()}
        counts = {"runs": len(ok), "failed": len(group) - len(ok)}
        rows.append(dict(zip(AXES, names, strict=True)) | counts | medians)
    return pd.DataFrame(rows)
