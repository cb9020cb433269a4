"""Methods compared across data sets: ranks, and whether they can be told apart. The unit of a test is the data set."""

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
from ebmbench.reporting.comparison import holm

#: fewer data sets than these carry no test: with five even Wilcoxon's least p is .06
LEAST = 6

#: level of the critical difference
LEVEL = 0.05

#: what methods are ranked by, each over the data sets that have it
RANKED = (("kl", "exact"), ("nll", "test"), ("mmd2", "test"), ("sliced_wasserstein", "test"))

_METHOD = list(AXES[1:])

#: columns of both tables
_HEAD = ("metric", "split", "datasets", "methods", *_METHOD)
SUMMARY = (*_HEAD, "mean_rank", "best", "no_result", "friedman_chi2", "friedman_p", "critical_difference")
PAIRS = (*_HEAD, "other", "rank_difference", "won", "lost", "wilcoxon_p", "wilcoxon_p_holm", "nemenyi_p")


class Block(NamedTuple):
    """Every method on every data set: ``values: (data sets, methods)``, medians over seeds, infinite without a result.

    ``left_out``: methods that miss a data set of the block; ``datasets_left_out``: data sets that one of its methods
    misses.
    """

    metric: str
    split: str
    values: pd.DataFrame
    left_out: list[tuple[str, str, str]]
    datasets_left_out: list[str]

    @property
    def ranks(self) -> pd.DataFrame:
        """Ranks within each data set, 1 the best, means where values tie."""
        lower = described(self.metric).direction == "lower"
        return self.values.rank(axis="columns", ascending=lower)

    @property
    def tested(self) -> bool:
        """Whether there are data sets and methods enough for a test."""
        return len(self.values) >= LEAST and self.values.shape[1] >= 3


def blocks(scores: pd.DataFrame, metric: str, split: str) -> list[Block]:
    """The largest complete block of a metric that can be tested, then the largest of all where that is another one.

    Controls, which are not trained, are no methods; two methods that share two data sets are the least block. Values
    are of the model's own law, medians over seeds, a run without a value counting as worse than any.
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
    """One row a method, best mean rank first.

    With Friedman's (1937) chi^2 and p for the block and Nemenyi's critical difference of mean ranks
    q sqrt(k (k + 1) / 12 N), q the .95 quantile of the studentised range of k methods, N data sets (Demsar 2006);
    all three are empty where the block is not tested.
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
    """One row a pair of methods: difference of mean ranks, data sets won and lost, and two tests where they are made.

    ``wilcoxon_p``: Wilcoxon's (1945) signed ranks over data sets, adjusted by Holm (1979) over all pairs as
    ``wilcoxon_p_holm``; ``nemenyi_p``: of the difference of mean ranks. Both methods without a result tie.
    """
    mean = of.ranks.mean().sort_values(kind="stable")
    lower = described(of.metric).direction == "lower"
    rows = []
    for name, other in itertools.combinations(mean.index, 2):
        better = (of.values[other] - of.values[name]).fillna(0.0) * (1 if lower else -1)
        head = {**dict(zip(_METHOD, name, strict=True)), "other": "-".join(other)}
        told = {"rank_difference": mean[other] - mean[name], "won": (better > 0).sum(), "lost": (better < 0).sum()}
        rows.append(head | told | {"wilcoxon_p": _wilcoxon(better) if of.tested else math.nan})
    table = pd.DataFrame([_named(of) | row for row in rows])
    table["wilcoxon_p_holm"] = holm.adjusted(table["wilcoxon_p"].to_numpy()) if of.tested else math.nan
    nemenyi = significance(of)
    told = zip(table[_METHOD].itertuples(index=False, name=None), table["other"], strict=True)
    table["nemenyi_p"] = [nemenyi.loc["-".join(name), other] if of.tested else math.nan for name, other in told]
    return table


def significance(of: Block) -> pd.DataFrame:
    """Nemenyi's (1963) p of every two methods, named by their parts: of the difference of their mean ranks."""
    ranks = of.ranks.set_axis(["-".join(name) for name in of.values], axis="columns")
    return posthoc_nemenyi_friedman(ranks)


def least_p(of: Block) -> float:
    """The least ``wilcoxon_p_holm`` that so many data sets can give for one pair of so many methods."""
    return min(1.0, 2 ** (1 - len(of.values)) * math.comb(of.values.shape[1], 2))


def _named(of: Block) -> dict[str, object]:
    """What tells the rows of one block from those of another."""
    return {"metric": of.metric, "split": of.split, "datasets": len(of.values), "methods": of.values.shape[1]}


def _entries(of: Block) -> int:
    return of.values.size


def _complete(metric: str, split: str, table: pd.DataFrame, wanted: pd.Series) -> Block:
    """The ``wanted`` data sets, by the methods that have all of them."""
    values = table[wanted].dropna(axis="columns")
    methods = [name for name in table if name not in values]
    return Block(metric, split, values, methods, [name for name in table.index if name not in values.index])


def _wilcoxon(better: pd.Series) -> float:
    """Two-sided; 1 where no data set tells the two apart."""
    return float(stats.wilcoxon(better.clip(-1e300, 1e300)).pvalue) if (better != 0).any() else 1.0
