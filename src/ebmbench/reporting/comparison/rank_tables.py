"""Tables of ranks: one row per method and one per pair, with tests whose unit is the data set."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from ebmbench.core.cells import AXES
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.columns import Column
from ebmbench.reporting.comparison.distance import losses, scale_of
from ebmbench.reporting.comparison.rank_blocks import Block
from ebmbench.reporting.comparison.rank_bootstrap import Places, places
from ebmbench.reporting.comparison.ranking import LEVEL, holm_adjusted
from ebmbench.reporting.comparison.signed_rank import Posterior, signed_rank

_METHOD = list(AXES[1:])

#: columns of both tables
_HEAD = (*Column._fields, "datasets", "methods", *_METHOD)
SUMMARY = (
    *(*_HEAD, "mean_rank", "first_fraction", "place_low", "place_high", "best", "no_result"),
    *("friedman_chi2", "friedman_p", "critical_difference"),
)
PAIRS = (
    *(*_HEAD, "other", "rank_difference", "won", "lost", "wilcoxon_p", "wilcoxon_p_holm", "nemenyi_p"),
    *("margin", "unit", "better", "equivalent", "worse"),
)

_UNTESTED = Posterior(math.nan, math.nan, math.nan)


class Ranked(NamedTuple):
    """A block with its two tables, one row per method and one per pair of methods."""

    block: Block
    methods: pd.DataFrame
    pairs: pd.DataFrame


def ranked(of: Block) -> Ranked:
    """Return the block with both tables."""
    return Ranked(of, summary(of), pairs(of))


def summary(of: Block) -> pd.DataFrame:
    """Summarise a block with one row per method, best mean rank first.

    The columns hold Friedman's (1937) chi^2 and p for the block and Nemenyi's critical difference of mean ranks
    q sqrt(k (k + 1) / 12 N), q the .95 quantile of the studentised range of k methods, N data sets (Demsar 2006).
    ``first_fraction`` and the 95 % interval from ``place_low`` to ``place_high`` are those of :func:`places`. All of
    these are empty if the block is not tested. ``best`` counts the data sets on which no method has a better result.
    """
    ranks, k, n = of.ranks, of.values.shape[1], len(of.values)
    chi2 = p = difference = math.nan
    placed = Places(*(pd.Series(math.nan, index=ranks.columns) for _ in Places._fields))
    if of.tested:
        placed = places(ranks)
        chi2, p = stats.friedmanchisquare(*of.values.to_numpy().T)
        difference = stats.studentized_range.ppf(1 - LEVEL, k, math.inf) * math.sqrt(k * (k + 1) / (12 * n))
    rows = [
        dict(zip(_METHOD, name, strict=True))
        | {"mean_rank": ranks[name].mean(), "first_fraction": placed.first_fraction[name]}
        | {"place_low": placed.low[name], "place_high": placed.high[name]}
        | {"best": int((first & (ranks[name] == ranks.min(axis=1))).sum()), "no_result": int((~first).sum())}
        for name, first in np.isfinite(of.values).items()
    ]
    tests = {"friedman_chi2": chi2, "friedman_p": p, "critical_difference": difference}
    return pd.DataFrame([_named(of) | row | tests for row in rows]).sort_values("mean_rank", kind="stable")


def pairs(of: Block) -> pd.DataFrame:
    """Compare methods with one row per pair: difference of mean ranks, data sets won and lost, and three tests.

    ``wilcoxon_p`` is that of Wilcoxon's (1945) signed ranks over data sets, ``wilcoxon_p_holm`` its adjustment by Holm
    (1979) over all pairs, and ``nemenyi_p`` that of the difference of mean ranks. ``better``, ``equivalent`` and
    ``worse`` are the probabilities of :func:`signed_rank` for the method against the other, on the metric's scale in
    ``unit`` with its ``margin``. Two methods without a result tie.
    """
    mean = of.ranks.mean().sort_values(kind="stable")
    lower = described(of.column.metric).direction == "lower"
    costs, scale = losses(of.values, of.column.metric), scale_of(of.column.metric)
    rows = []
    for name, other in itertools.combinations(mean.index, 2):
        better = (of.values[other] - of.values[name]).fillna(0.0) * (1 if lower else -1)
        head = {**dict(zip(_METHOD, name, strict=True)), "other": "-".join(other)}
        counts = {"rank_difference": mean[other] - mean[name], "won": (better > 0).sum(), "lost": (better < 0).sum()}
        gains = (costs[other] - costs[name]).fillna(0.0).to_numpy()
        found = signed_rank(gains, scale.margin) if of.tested else _UNTESTED
        rows.append(head | counts | {"wilcoxon_p": _wilcoxon(better) if of.tested else math.nan} | found._asdict())
    table = pd.DataFrame([_named(of) | row for row in rows]).assign(margin=scale.margin, unit=scale.unit)
    table["wilcoxon_p_holm"] = holm_adjusted(table["wilcoxon_p"].to_numpy()) if of.tested else math.nan
    table["nemenyi_p"] = _nemenyi(of, table) if of.tested else math.nan
    return table


def significance(of: Block) -> pd.DataFrame:
    """Return Nemenyi's (1963) p for the difference of mean ranks of every pair of methods, named by their parts."""
    # a second, which grids of one data set need not spend
    from scikit_posthocs import posthoc_nemenyi_friedman

    ranks = of.ranks.set_axis(["-".join(name) for name in of.values], axis="columns")
    return posthoc_nemenyi_friedman(ranks)


def _nemenyi(of: Block, table: pd.DataFrame) -> list[float]:
    """Return the p of :func:`significance` for each pair of the ``table``."""
    found = significance(of)
    named = zip(table[_METHOD].itertuples(index=False, name=None), table["other"], strict=True)
    return [found.loc["-".join(name), other] for name, other in named]


def least_p(of: Block) -> float:
    """Return the smallest ``wilcoxon_p_holm`` that a block of this size can give."""
    return min(1.0, 2 ** (1 - len(of.values)) * math.comb(of.values.shape[1], 2))


def _named(of: Block) -> dict[str, object]:
    """Return the columns that identify a block."""
    return {**of.column._asdict(), "datasets": len(of.values), "methods": of.values.shape[1]}


def _wilcoxon(better: pd.Series) -> float:
    """Return the two-sided p; 1 if the methods are equal on every data set."""
    return float(stats.wilcoxon(better.clip(-1e300, 1e300)).pvalue) if (better != 0).any() else 1.0
