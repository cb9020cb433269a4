"""Methods that are statistically tied with the best on a data set: Hsu's multiple comparisons with the best."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtr

from ebmbench.core.cells import AXES
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.columns import Column
from ebmbench.reporting.comparison.many_to_one import least_p_adjusted
from ebmbench.reporting.comparison.ranking import LEVEL, Method
from ebmbench.reporting.comparison.seed_effect import without_seed_effect
from ebmbench.reporting.comparison.variances import moderated

_METHOD = list(AXES[1:])

_SIGN = {"lower": 1.0, "higher": -1.0}


class Runs(NamedTuple):
    """Values of K methods at S seeds, ``(K, S)``, NaN without one, on the metric's scale, and their own errors there.

    Lower is better. ``methods`` names the K rows.
    """

    methods: list[Method]
    values: np.ndarray
    errors: np.ndarray


class Means(NamedTuple):
    """Means over seeds, the estimated variances of these means, and their degrees of freedom: all ``(K,)``."""

    values: np.ndarray
    variances: np.ndarray
    df: np.ndarray


def best_methods(scores: pd.DataFrame, column: Column) -> set[Method]:
    """Return the trained methods on one data set that may be the best one, or within the metric's margin of it.

    A method is left out if it is worse than some other by more than the margin: one-sided, at level .05 for the truly
    best method, whichever that is (:func:`tied_with_best`). Values are compared on the metric's scale. Only methods
    that failed as rarely as any compete, since the runs without a value may be the bad ones; a method with fewer than
    two values does not. The group is empty if fewer than two methods have two values, and for a metric without a
    direction.
    """
    if described(column.metric).direction not in _SIGN:
        return set()
    runs = _competing(scores, column)
    tied = tied_with_best(runs.values, runs.errors, described(column.metric).scale.margin)
    return {name for name, inside in zip(runs.methods, tied, strict=True) if inside}


def tied_with_best(values: np.ndarray, errors: np.ndarray, margin: float, level: float = LEVEL) -> np.ndarray:
    """Return which of K methods are in the group of the best, ``(K,)``, from runs ``(K, S)``; lower is better.

    Hsu (1984): method i is left out if the simultaneous lower bound of mu_i - min_j mu_j at ``level`` is above
    ``margin``, which is so if the least p of its comparisons with the others, adjusted for their number, is at most
    ``level``. A comparison is Welch's one-sided t-test with Satterthwaite's degrees of freedom, but with no more than
    those of the method with the larger variance: Satterthwaite's grow where that variance is small by luck, just when
    the difference looks large.

    A method's variance is that between its seeds, without what all methods share at a seed
    (:func:`without_seed_effect`), at least what ``errors``, the measurement errors of the values, make it, and
    moderated over the methods (:func:`moderated`). NaN is no run; each method has two values or more, each seed one.
    """
    if len(values) < 2:
        return np.ones(len(values), dtype=bool)
    means = _means(values, errors)
    return np.array([_is_tied(means, i, margin, level) for i in range(len(values))], dtype=bool)


def explained(columns: Iterable[Column]) -> str:
    """Return the sentences of a caption that say what bold means in each of the ``columns``."""
    kinds: dict[str, list[str]] = {}
    for name in dict.fromkeys(column.metric for column in columns):
        entry = described(name)
        if entry.direction in _SIGN:
            kinds.setdefault(f"{entry.scale.name} scale, margin {entry.margin_text}", []).append(name)
    scales = "".join(f"; {kind}: {', '.join(names)}" for kind, names in kinds.items())
    return (
        "Bold: statistically tied with the best trained method of the column (Hsu's multiple comparisons with the "
        f"best, level {LEVEL}{scales}). Methods that failed more often than others are never bold. Few seeds give "
        "little power."
    )


def _competing(scores: pd.DataFrame, column: Column) -> Runs:
    """Select the trained methods with the smallest fraction of failed runs, signed so that lower is better."""
    rows = column.rows(scores)
    rows = rows[(rows["status"] != "skipped") & (rows["loss"] != "none")]
    values = rows["value"].astype(float).replace([np.inf, -np.inf], np.nan).where(rows["status"] == "ok")
    rows = rows.assign(value=values, failed=values.isna(), stderr=rows["stderr"].astype(float).where(values.notna()))
    counts = rows.groupby(_METHOD).agg(known=("value", "count"), failed=("failed", "mean"))
    counts = counts[counts["known"] >= 2]
    if len(counts) < 2:
        return Runs([], *np.empty((2, 0, 0)))
    names = list(counts.index[counts["failed"] == counts["failed"].min()])
    table = rows.pivot(index=_METHOD, columns="seed", values=["value", "stderr"]).loc[names]
    known = table["value"].notna()
    used = known.columns[known.any()]
    return _on_scale(column, names, table["value"][used].to_numpy(float), table["stderr"][used].to_numpy(float))


def _on_scale(column: Column, names: list[Method], values: np.ndarray, stderr: np.ndarray) -> Runs:
    entry = described(column.metric)
    scaled = entry.scale.scaled(values.ravel(), stderr.ravel())
    errors = np.where(np.isnan(values), np.nan, scaled.errors.reshape(values.shape))
    return Runs(names, _SIGN[entry.direction] * scaled.values.reshape(values.shape), errors)


def _means(values: np.ndarray, errors: np.ndarray) -> Means:
    runs = (~np.isnan(values)).sum(axis=1)
    own = without_seed_effect(values)
    between = np.nanvar(own.values, axis=1, ddof=1) / own.kept
    # a measurement error that is common to a seed's runs, such as that of its test examples, is part of the effect
    measured = np.nanmean(errors**2, axis=1) - own.variance
    of = moderated(np.maximum(between, measured), (runs - 1) * own.kept)
    return Means(np.nanmean(own.values, axis=1), of.variances / runs, of.df)


def _is_tied(means: Means, i: int, margin: float, level: float) -> bool:
    """Compare method i with every other."""
    others = np.arange(len(means.values)) != i
    worse = means.values[i] - means.values[others] - margin
    own, other = means.variances[i], means.variances[others]
    total = own + other
    exact = total == 0
    total = np.where(exact, 1.0, total)
    satterthwaite = total**2 / np.where(exact, 1.0, own**2 / means.df[i] + other**2 / means.df[others])
    df = np.minimum(satterthwaite, np.where(other > own, means.df[others], means.df[i]))
    p = np.where(exact, worse <= 0, stdtr(df, -worse / np.sqrt(total)))
    return least_p_adjusted(float(p.min()), own / total) > level
