"""Summaries over seeds: means with intervals of scores, costs of runs, and readable tables of both."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ebmbench.core.cells import AXES
from ebmbench.core.columns import BASE, MODEL, SAMPLER
from ebmbench.evaluation.metrics.registry import feature_name
from ebmbench.evaluation.metrics.registry import metric as described

#: probability outside a 95 % interval, both tails together
TAIL = 0.05

#: shown in a field whose mean includes marked runs
DAGGER = "†"

#: caption of every table with a dagger
DAGGER_LEGEND = (
    f"{DAGGER} means that the mean includes runs with unconverged chains, or with an optimiser as sampler, which "
    "samples no distribution; summary.csv counts them, sampling.md reports R-hat."
)

#: put before and after text that a page shows in bold
BOLD = "**"

_METHOD = list(AXES[1:])


class Column(NamedTuple):
    """A column of a reader's table: a metric on a split, of the distribution ``law``."""

    metric: str
    split: str
    law: str


#: columns of a reader's table, in order; some metrics are also shown for the sampler or for the base alone
COLUMNS: tuple[Column, ...] = (
    Column("kl", "exact", MODEL),
    Column("manifold_tv", "exact", MODEL),
    Column("manifold_tv", "exact", BASE),
    Column("manifold_distance", "exact", MODEL),
    Column("manifold_distance", "exact", BASE),
    *(Column("fid", "test", law) for law in (MODEL, SAMPLER, BASE)),
    Column("nll", "test", MODEL),
    Column("nll_trimmed", "test", MODEL),
    Column("nll_unique", "test", MODEL),
    Column("mode_weight_error", "exact", MODEL),
    Column("energy_distance", "test", MODEL),
    Column("energy_distance", "test", SAMPLER),
    Column("mmd2", "test", MODEL),
    Column("sliced_wasserstein", "test", MODEL),
    Column("reconstruction_mse", "test", MODEL),
    Column("anomaly_auprc", "test", MODEL),
    Column("anomaly_auroc", "test", MODEL),
    Column("moments_mismatch_mean", "test", MODEL),
    Column("moments_mismatch_mean", "test", SAMPLER),
)

#: metrics of image features, shown before all other columns -> the distributions for which each is shown
_OF_FEATURES = {
    "fd": (MODEL, SAMPLER, BASE),
    "floor": (MODEL,),
    "kid": (MODEL,),
    "precision": (MODEL,),
    "recall": (MODEL,),
}

#: columns of a summary after its keys, in order
_SUMMARY = (
    *("mean", "sd", "seeds", "failed", "failures", "marks", "beta"),
    *("ci_low", "ci_high", "stderr", "mc_stderr", "unit", "direction"),
)

#: a number with more decimals or digits than these is written with an exponent
_DECIMALS, _DIGITS = 5, 6


class Interval(NamedTuple):
    """Mean over seeds, sample standard deviation, standard error of the mean, and half the interval's width."""

    mean: float
    sd: float
    stderr: float
    half: float


def interval(values: pd.Series | np.ndarray, tail: float = TAIL) -> Interval:
    """Return m ± t_{1 - tail/2, n-1} s / sqrt(n) of n values; all but m are NaN for n = 1, and m too for n = 0.

    Student (1908). s is the sample standard deviation, with n - 1.
    """
    n = len(values)
    sd = values.std(ddof=1) if n > 1 else math.nan
    stderr = sd / math.sqrt(n) if n > 1 else math.nan
    half = float(stdtrit(n - 1, 1 - tail / 2)) * stderr if n > 1 else math.nan
    return Interval(values.mean() if n else math.nan, sd, stderr, half)


def summarise(scores: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell, split, metric and ``law``: the mean over the seeds with status ok, and its uncertainty.

    ``seeds`` counts the runs in the mean, ``failed`` the excluded runs without a value, and ``failures`` names their
    statuses. ``marks`` counts the marked runs in the mean, by mark; ``beta`` lists the inverse temperatures of the
    runs in the mean. ``stderr`` is the standard error of the mean over seeds; ``mc_stderr`` is
    sqrt(mean_s stderr_s^2), the typical Monte-Carlo error within one run.
    """
    keys = [*AXES, "split", "metric", "law"]
    # plain arrays, because one frame per group takes a minute for the scores of a large grid
    values, stderr = (scores[name].to_numpy(float, na_value=math.nan) for name in ("value", "stderr"))
    status, mark, beta = (scores[name].to_numpy(object) for name in ("status", "mark", "beta"))
    rows = []
    for key, places in scores.groupby(keys, sort=True).indices.items():
        head = dict(zip(keys, key, strict=True))
        ok = places[status[places] == "ok"]
        entry = described(head["metric"])
        failures = [word for word in status[places] if word != "ok"]
        counts = {"seeds": len(ok), "failed": len(failures), "failures": counted(failures)}
        reported = {"marks": counted(mark[ok]), "beta": named(beta[ok])}
        kind = {"unit": entry.unit, "direction": entry.direction}
        rows.append(head | counts | reported | _over_seeds(values[ok], stderr[ok]) | kind)
    return pd.DataFrame(rows, columns=[*keys, *_SUMMARY])


def _over_seeds(values: np.ndarray, stderr: np.ndarray) -> dict[str, float]:
    """Return the statistics of ``summarise`` for one group's ok runs."""
    of = interval(values)
    known = stderr[~np.isnan(stderr)]
    return {
        "mean": of.mean,
        "sd": of.sd,
        "ci_low": of.mean - of.half,
        "ci_high": of.mean + of.half,
        "stderr": of.stderr,
        "mc_stderr": math.sqrt(np.mean(known**2)) if len(known) else math.nan,
    }


def counted(words: Iterable[object]) -> str:
    """Count each word, as in ``2 timeout, 1 unconverged``, alphabetically; missing and empty words do not count."""
    counts = Counter(word for word in words if _is_given(word))
    return ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))


def _is_given(text: object) -> bool:
    """Return whether a field holds text: one without is empty in memory, but NaN when read from a file."""
    return not pd.isna(text) and text != ""


def named(values: Iterable[str | float]) -> str:
    """Join the distinct values, numbers in their shortest form; missing values are left out."""
    found = sorted({value for value in values if not pd.isna(value)})
    return ", ".join(value if isinstance(value, str) else f"{value:g}" for value in found)


def method_label(family: str, loss: str, stats: str) -> str:
    """Return a method's readable name, ``ebm · ed · moments``; parts called ``none`` are left out."""
    return " · ".join(part for part in (family, loss, stats) if part != "none")


def columns_of(summary: pd.DataFrame) -> list[Column]:
    """Return the image-feature columns and those of :data:`COLUMNS` in ``summary``, except those skipped everywhere."""
    skipped = (summary["seeds"] == 0) & (summary["failures"] == summary["failed"].astype(str) + " skipped")
    reported = summary[~skipped]
    held = {Column(*names) for names in zip(reported["metric"], reported["split"], reported["law"], strict=True)}
    extractors = [name.removeprefix("fd_") for name in sorted(set(reported["metric"])) if name.startswith("fd_")]
    features = [
        Column(feature_name(distance, extractor), "test", law)
        for extractor in extractors
        for distance, laws in _OF_FEATURES.items()
        for law in laws
    ]
    return [column for column in (*features, *COLUMNS) if column in held]


def readers_table(
    summary: pd.DataFrame, best: Mapping[Column, Collection[tuple[str, ...]]] | None = None
) -> pd.DataFrame:
    """Format one data set's summary: one row per method, one column per metric, the ``best`` of a column in bold.

    Sorted by the first of :func:`columns_of`, lowest first; methods without a value come last.
    """
    leading = best or {}
    columns = columns_of(summary)
    rows = []
    for names, group in summary.groupby(_METHOD, sort=True):
        cells = {(row["metric"], row["split"], row["law"]): row for row in group.to_dict("records")}
        row = {"method": method_label(*names), "runs": int((group["seeds"] + group["failed"]).max())}
        row["rank"] = cells[columns[0]]["mean"] if columns and columns[0] in cells else math.nan
        texts = {column: cell_text(cells.get(column)) for column in columns}
        bold = {column: names in leading.get(column, ()) for column in columns}
        rows.append(row | {heading(c): f"{BOLD}{text}{BOLD}" if bold[c] else text for c, text in texts.items()})
    return pd.DataFrame(rows).sort_values("rank", kind="stable").drop(columns="rank")


def dagger_legend(table: pd.DataFrame) -> str:
    """Return :data:`DAGGER_LEGEND` if a field of a reader's table shows a dagger, otherwise an empty text."""
    shown = any(DAGGER in str(field) for row in table.itertuples(index=False) for field in row)
    return DAGGER_LEGEND if shown else ""


def heading(column: Column) -> str:
    """Return the heading of a column: the metric, the distribution if it is not the model's, and the unit."""
    name = column.metric if column.law == MODEL else f"{column.metric}, {column.law}"
    return name + described(column.metric).in_brackets


def cell_text(row: dict | None) -> str:
    """Format a row of :func:`summarise` as ``mean ± half-width † (failures)``, † if a run in the mean is marked.

    Empty if the metric is not defined.
    """
    if row is None:
        return ""
    failures = f" ({row['failures']})" if row["failed"] else ""
    if not row["seeds"]:
        return f"—{failures}"
    mark = f" {DAGGER}" if _is_given(row["marks"]) else ""
    return interval_text(row["mean"], row["ci_high"] - row["mean"]) + mark + failures


def interval_text(mean: float, half: float) -> str:
    """Format ``mean ± half`` with two significant digits of ``half`` and as many decimals of ``mean``.

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
    """Return the median costs over the runs with status ok, one row per cell.

    Seconds are wall-clock, evaluations count points, memory is the process's peak in 10^6 bytes. ``runs``
    counts the runs in the median, ``failed`` the excluded ones.
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
