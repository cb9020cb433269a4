"""Rank methods: the best ones on a data set, ranks across data sets, and tests that separate them."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from scikit_posthocs import posthoc_nemenyi_friedman
from scipy import stats

from ebmbench.core.cells import AXES
from ebmbench.core.columns import MODEL
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.paired import paired
from ebmbench.reporting.comparison.tables import Column

#: level of every test, and of the critical difference
LEVEL = 0.05

#: the number of data sets below which no test is made: with five even Wilcoxon's smallest p is .06
LEAST = 6

#: what methods are ranked by, each over the data sets that have it
RANKED = (("kl", "exact"), ("nll", "test"), ("mmd2", "test"), ("sliced_wasserstein", "test"))

Method = tuple[str, str, str]

_METHOD = list(AXES[1:])

#: columns of both tables
_HEAD = ("metric", "split", "datasets", "methods", *_METHOD)
SUMMARY = (*_HEAD, "mean_rank", "best", "no_result", "friedman_chi2", "friedman_p", "critical_difference")
PAIRS = (*_HEAD, "other", "rank_difference", "won", "lost", "wilcoxon_p", "wilcoxon_p_holm", "nemenyi_p")


def best_methods(scores: pd.DataFrame, column: Column) -> set[Method]:
    """Return the best trained method on one data set, and those statistically tied with it.

    The best method has the best mean over seeds. Every other method is compared with it by a two-sided t-test on
    differences paired by seed, adjusted by Holm over the methods, and is tied with it if p > .05. The group is empty if
    no two methods share two seeds; a method that shares fewer than two with the best is untested and left out.
    """
    direction = described(column.metric).direction
    rows = scores[(scores["metric"] == column.metric) & (scores["split"] == column.split)]
    rows = rows[(rows["law"] == column.law) & (rows["status"] == "ok") & (rows["loss"] != "none")]
    sign = {"lower": 1.0, "higher": -1.0}.get(direction, math.nan)
    values = {name: sign * of.set_index("seed")["value"].astype(float) for name, of in rows.groupby(list(AXES[1:]))}
    values = {name: of for name, of in values.items() if len(of) >= 2 and of.notna().all()}
    if len(values) < 2:
        return set()
    best = min(values, key=lambda name: values[name].mean())
    others = [name for name in values if name != best]
    p = holm_adjusted(np.array([paired(values[name], values[best]).p for name in others]))
    tied = [name for name, value in zip(others, p, strict=True) if value > LEVEL]
    return {best, *tied} if not np.isnan(p).all() else set()


class Block(NamedTuple):
    """Results of every method on every data set: ``values: (data sets, methods)``, medians over seeds, or infinite.

    A method without a result has an infinite value. ``left_out`` lists methods that lack a data set of the block,
    ``datasets_left_out`` data sets that one of its methods lacks.
    """

    metric: str
    split: str
    values: pd.DataFrame
    left_out: list[tuple[str, str, str]]
    datasets_left_out: list[str]

    @property
    def ranks(self) -> pd.DataFrame:
        """Return ranks within each data set: 1 is the best, tied values share their mean rank."""
        lower = described(self.metric).direction == "lower"
        return self.values.rank(axis="columns", ascending=lower)

    @property
    def tested(self) -> bool:
        """Return whether there are enough data sets and methods for a test."""
        return len(self.values) >= LEAST and self.values.shape[1] >= 3


def blocks(scores: pd.DataFrame, metric: str, split: str) -> list[Block]:
    """Find the largest complete block of a metric that can be tested, and the largest of all if that is another one.

    Controls are left out, because they are not trained. The smallest block is two methods that share two data sets.
    Values are for the model's own distribution, medians over seeds; a run without a value counts as worse than any.
    """
    rows = scores[(scores["metric"] == metric) & (scores["split"] == split) & (scores["law"] == MODEL)]
    rows = rows[rows["loss"] != "none"]
    worst = math.inf if described(metric).direction == "lower" else -math.inf
    values = rows["value"].astype(float).where(rows["status"] == "ok", worst)
    table = rows.assign(value=values).pivot_table("value", "dataset", _METHOD, "median")
    found = [_complete(metric, split, table, table[name].notna()) for name in table]
    found = [each for each in found if min(each.values.shape) >= 2]
    tested = sorted((each for each in found if each.tested), key=_entries, reverse=True)[:1]
    largest = sorted(found, key=_entries, reverse=True)[:1]
    return tested + [each for each in largest if not each.tested]


def summary(of: Block) -> pd.DataFrame:
    """Summarise a block with one row per method, best mean rank first.

    The columns hold Friedman's (1937) chi^2 and p for the block and Nemenyi's critical difference of mean ranks
    q sqrt(k (k + 1) / 12 N), q the .95 quantile of the studentised range of k methods, N data sets (Demsar 2006);
    all three are empty if the block is not tested.
    """
    ranks, k, n = of.ranks, of.values.shape[1], len(of.values)
    chi2 = p = difference = math.nan
    if of.tested:
        chi2, p = stats.friedmanchisquare(*of.values.to_numpy().T)
        difference = stats.studentized_range.ppf(1 - LEVEL, k, math.inf) * math.sqrt(k * (k + 1) / (12 * n))
    rows = [
        dict(zip(_METHOD, name, strict=True))
        | {"mean_rank": ranks[name].mean(), "best": int((ranks[name] == ranks.min(axis=1)).sum())}
        | {"no_result": int(np.isinf(of.values[name]).sum())}
        for name in ranks
    ]
    tests = {"friedman_chi2": chi2, "friedman_p": p, "critical_difference": difference}
    return pd.DataFrame([_named(of) | row | tests for row in rows]).sort_values("mean_rank", kind="stable")


def pairs(of: Block) -> pd.DataFrame:
    """Compare methods with one row per pair: difference of mean ranks, data sets won and lost, and two tests.

    ``wilcoxon_p`` is that of Wilcoxon's (1945) signed ranks over data sets, ``wilcoxon_p_holm`` its adjustment by Holm
    (1979) over all pairs, and ``nemenyi_p`` that of the difference of mean ranks. Two methods without a result tie.
    """
    mean = of.ranks.mean().sort_values(kind="stable")
    lower = described(of.metric).direction == "lower"
    rows = []
    for name, other in itertools.combinations(mean.index, 2):
        better = (of.values[other] - of.values[name]).fillna(0.0) * (1 if lower else -1)
        head = {**dict(zip(_METHOD, name, strict=True)), "other": "-".join(other)}
        counts = {"rank_difference": mean[other] - mean[name], "won": (better > 0).sum(), "lost": (better < 0).sum()}
        rows.append(head | counts | {"wilcoxon_p": _wilcoxon(better) if of.tested else math.nan})
    table = pd.DataFrame([_named(of) | row for row in rows])
    table["wilcoxon_p_holm"] = holm_adjusted(table["wilcoxon_p"].to_numpy()) if of.tested else math.nan
    nemenyi = significance(of)
    named = zip(table[_METHOD].itertuples(index=False, name=None), table["other"], strict=True)
    table["nemenyi_p"] = [nemenyi.loc["-".join(name), other] if of.tested else math.nan for name, other in named]
    return table


def significance(of: Block) -> pd.DataFrame:
    """Return Nemenyi's (1963) p for the difference of mean ranks of every pair of methods, named by their parts."""
    ranks = of.ranks.set_axis(["-".join(name) for name in of.values], axis="columns")
    return posthoc_nemenyi_friedman(ranks)


def least_p(of: Block) -> float:
    """Return the smallest ``wilcoxon_p_holm`` that a block of this size can give."""
    return min(1.0, 2 ** (1 - len(of.values)) * math.comb(of.values.shape[1], 2))


def _named(of: Block) -> dict[str, object]:
    """Return the columns that identify a block."""
    return {"metric": of.metric, "split": of.split, "datasets": len(of.values), "methods": of.values.shape[1]}


def _entries(of: Block) -> int:
    return of.values.size


def _complete(metric: str, split: str, table: pd.DataFrame, wanted: pd.Series) -> Block:
    """Return the block of the ``wanted`` data sets and of the methods that have all of them."""
    values = table[wanted].dropna(axis="columns")
    methods = [name for name in table if name not in values]
    return Block(metric, split, values, methods, [name for name in table.index if name not in values.index])


def _wilcoxon(better: pd.Series) -> float:
    """Return the two-sided p; 1 if the methods are equal on every data set."""
    return float(stats.wilcoxon(better.clip(-1e300, 1e300)).pvalue) if (better != 0).any() else 1.0


def holm_adjusted(p: np.ndarray) -> np.ndarray:
    """Adjust p-values for multiple tests: max_{j <= i} min(1, (m - j + 1) p_(j)) for the i-th smallest of m.

    ``p: (m,)`` -> ``(m,)`` in the same order (Holm 1979). Rejecting where the result is at most a level makes any false
    rejection at most that probable. A NaN is no test: it stays NaN and is not among the m.
    """
    # statsmodels' multipletests gives the same, but collects garbage at each call: .2 s in a process that holds torch
    order = np.argsort(p, kind="stable")[: np.count_nonzero(~np.isnan(p))]
    stepped = np.minimum(1.0, np.arange(len(order), 0, -1) * p[order])
    found = np.full(len(p), math.nan)
    found[order] = np.maximum.accumulate(stepped)
    return found
