"""Summaries over seeds: the mean of each metric with its interval, and the runs that are not in it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.intervals import interval

#: columns of a summary after its keys, in order
_SUMMARY = (
    *("mean", "sd", "seeds", "failed", "failures", "marks", "beta"),
    *("ci_low", "ci_high", "stderr", "mc_stderr", "unit", "direction"),
)


def summarise(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the mean over seeds with status ok, with uncertainty, of each cell, split, metric and ``distribution``.

    ``seeds`` counts the runs in the mean, ``failed`` the excluded runs without a value, and ``failures`` names their
    statuses. ``marks`` counts the marked runs in the mean, by mark; ``beta`` lists the inverse temperatures of the
    runs in the mean. ``stderr`` is the standard error of the mean over seeds; ``mc_stderr`` is
    sqrt(mean_s stderr_s^2), the typical Monte-Carlo error within one run.
    """
    keys = [*AXES, "split", "metric", "distribution"]
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
    counts = Counter(word for word in words if is_given(word))
    return ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))


def is_given(text: object) -> bool:
    """Return whether a field holds text: one without is empty in memory, but NaN when read from a file."""
    return not pd.isna(text) and text != ""


def named(values: Iterable[str | float]) -> str:
    """Join the distinct values, numbers in their shortest form; missing values are left out."""
    found = sorted({value for value in values if not pd.isna(value)})
    return ", ".join(value if isinstance(value, str) else f"{value:g}" for value in found)
