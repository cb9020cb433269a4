"""Differences between all trained methods of a data set, paired by seed, with a verdict on each pair."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

import numpy as np
import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.core.columns import MODEL
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.columns import Column, columns_of
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.paired import Paired, paired
from ebmbench.reporting.comparison.ranking import LEVEL, Method, holm_adjusted
from ebmbench.reporting.comparison.summary import summarise

_METHOD = list(AXES[1:])

#: columns of the table in their order, for an empty table as well
COLUMNS = (
    *("dataset", "metric", "split", *_METHOD, "other"),
    *("gain", "gain_stderr", "gain_ci_low", "gain_ci_high", "shared_seeds", "failed", "failed_other", "failed_both"),
    *("p", "p_holm", "verdict"),
)


class Outcome(Enum):
    """How the comparison of two methods ends; the value is the verdict in words."""

    BETTER = "{method} is better"
    WORSE = "{other} is better"
    BETTER_BUT_FAILED = "undecided: {method} failed where {other} did not"
    WORSE_BUT_FAILED = "undecided: {other} failed where {method} did not"
    TIED = "{seeds} seeds cannot separate these"
    UNTESTED = "too few shared seeds"


class Runs(NamedTuple):
    """Results of one data set by one column of its table, one row per seed and one column per method.

    ``values`` is NaN without a value; ``failed`` is whether there was a run that has none.
    """

    dataset: str
    column: Column
    values: pd.DataFrame
    failed: pd.DataFrame


class Comparison(NamedTuple):
    """Two methods on one data set.

    ``gain`` is the value of ``other`` minus that of ``method``, paired by seed, above 0 if ``method`` is better.
    ``failed`` counts the seeds where only ``method`` failed and the other has a value, ``failed_other`` the reverse,
    and ``failed_both`` the seeds where neither has one. ``p_holm`` is ``gain.p`` adjusted over the pairs of the data
    set.
    """

    method: Method
    other: Method
    gain: Paired
    failed: int
    failed_other: int
    failed_both: int
    p_holm: float

    @property
    def outcome(self) -> Outcome:
        """Decide by ``p_holm``; a method that failed where the other did not is never better.

        A pair shows a method's better seeds only if its bad ones have no value.
        """
        if math.isnan(self.p_holm):
            return Outcome.UNTESTED
        if self.p_holm > LEVEL:
            return Outcome.TIED
        if self.gain.mean > 0:
            return Outcome.BETTER_BUT_FAILED if self.failed else Outcome.BETTER
        return Outcome.WORSE_BUT_FAILED if self.failed_other else Outcome.WORSE

    @property
    def verdict(self) -> str:
        """Return the outcome in words, with the names of the methods."""
        names = {"method": method_label(*self.method), "other": method_label(*self.other)}
        return self.outcome.value.format(seeds=self.gain.pairs, **names)


class DatasetComparisons(NamedTuple):
    """All pairs of methods of one data set, the best method's first; each pair's ``method`` is ahead of its ``other``.

    The best method has the best mean over seeds among the methods with values on the most seeds. The others follow by
    their means, those without a value last.
    """

    dataset: str
    column: Column
    pairs: list[Comparison]

    @property
    def with_best(self) -> list[Comparison]:
        """Return the pairs of the best method with every other, in the order of the others."""
        return [pair for pair in self.pairs if pair.method == self.pairs[0].method]


def all_pairs(scores: pd.DataFrame) -> list[DatasetComparisons]:
    """Compare all trained methods of every data set that has two or more, by the metric that its table is sorted by.

    That is the Frechet distance of the first extractor for images with extractors, else KL if the density is known,
    and on other data the test negative log-likelihood. Values are for the model's own distribution. Controls are left
    out, and so are methods for which the metric is not defined.
    """
    trained = scores[(scores["distribution"] == MODEL) & (scores["loss"] != "none")]
    found = []
    for dataset, rows in trained.groupby("dataset", sort=True):
        columns = columns_of(summarise(rows))
        found += [compare(_runs(str(dataset), column, rows)) for column in columns[:1]]
    return [each for each in found if each.pairs]


def compare(runs: Runs) -> DatasetComparisons:
    """Compare every pair of methods, with Holm's adjustment over the pairs that share two seeds or more."""
    sign = 1.0 if described(runs.column.metric).direction == "lower" else -1.0
    signed = {name: sign * runs.values[name] for name in runs.values}
    alone, both = _failures(runs)
    names = list(itertools.combinations(_order(signed), 2))
    gains = [paired(signed[other], signed[method]) for method, other in names]
    adjusted = holm_adjusted(np.array([gain.p for gain in gains]))
    pairs = [
        Comparison(a, b, gain, alone[a][b], alone[b][a], both[a][b], float(p))
        for (a, b), gain, p in zip(names, gains, adjusted, strict=True)
    ]
    return DatasetComparisons(runs.dataset, runs.column, pairs)


def table(found: Iterable[DatasetComparisons]) -> pd.DataFrame:
    """Return one row per data set and pair of methods."""
    rows = [
        {"dataset": of.dataset, "metric": of.column.metric, "split": of.column.split} | _row(pair)
        for of in found
        for pair in of.pairs
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _runs(dataset: str, column: Column, rows: pd.DataFrame) -> Runs:
    own = rows[(rows["metric"] == column.metric) & (rows["split"] == column.split)]
    status = own.pivot(index="seed", columns=_METHOD, values="status")
    defined = list(status.columns[(status.notna() & (status != "skipped")).any()])
    status = status[defined]
    values = own.pivot(index="seed", columns=_METHOD, values="value")[defined].astype(float).where(status == "ok")
    return Runs(dataset, column, values, status.notna() & values.isna())


def _order(signed: dict[Method, pd.Series]) -> list[Method]:
    """Return the methods, the best first, then by their means; values are better if lower."""
    means = {name: values.mean() for name, values in signed.items()}
    ranked = sorted(means, key=lambda name: (math.isnan(means[name]), means[name]))
    most = max((values.count() for values in signed.values()), default=0)
    best = [name for name in ranked if signed[name].count() == most][:1]
    return best + [name for name in ranked if name not in best]


_Counts = dict[Method, dict[Method, int]]


def _failures(runs: Runs) -> tuple[_Counts, _Counts]:
    """Count the seeds where the first method failed and the second has a value, and those where both failed."""
    failed, has = runs.failed.to_numpy(int), runs.values.notna().to_numpy(int)
    return _counts(failed.T @ has, runs), _counts(failed.T @ failed, runs)


def _counts(of: np.ndarray, runs: Runs) -> _Counts:
    names = list(runs.values)
    return {name: dict(zip(names, row, strict=True)) for name, row in zip(names, of.tolist(), strict=True)}


def _row(pair: Comparison) -> dict[str, object]:
    return {
        **dict(zip(_METHOD, pair.method, strict=True)),
        "other": "-".join(pair.other),
        **pair.gain.columns("gain"),
        "shared_seeds": pair.gain.pairs,
        "failed": pair.failed,
        "failed_other": pair.failed_other,
        "failed_both": pair.failed_both,
        "p": pair.gain.p,
        "p_holm": pair.p_holm,
        "verdict": pair.verdict,
    }
