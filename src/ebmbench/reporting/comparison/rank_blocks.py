"""Blocks of methods and data sets that can be ranked: every method has a result, or a failure, on every data set."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.core.columns import MODEL, SAMPLER
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.columns import Column, feature_distances

#: the number of data sets below which no test is made: with five even Wilcoxon's smallest p is .06
LEAST = 6

#: the divergence from a known density
KL = Column("kl", "exact", MODEL)

#: what methods are ranked by besides distances of image features, each over the data sets that have it
RANKED = (KL, *(Column(name, "test", MODEL) for name in ("nll", "mmd2", "sliced_wasserstein")))

_METHOD = list(AXES[1:])


class Block(NamedTuple):
    """Results of every method on every data set: ``values: (data sets, methods)``, medians over seeds, or infinite.

    A method without a result has an infinite value. ``left_out`` lists methods that lack a data set of the block,
    ``datasets_left_out`` data sets that one of its methods lacks.
    """

    column: Column
    values: pd.DataFrame
    left_out: list[tuple[str, str, str]]
    datasets_left_out: list[str]

    @property
    def ranks(self) -> pd.DataFrame:
        """Return ranks within each data set: 1 is the best, tied values share their mean rank."""
        return self.values.rank(axis="columns", ascending=described(self.column.metric).direction == "lower")

    @property
    def tested(self) -> bool:
        """Return whether there are enough data sets and methods for a test."""
        return len(self.values) >= LEAST and self.values.shape[1] >= 3


def ranked_columns(metrics: Iterable[str]) -> list[Column]:
    """Return what methods are ranked by, given the names of ``metrics`` that there are.

    Distances of image features come first: by the declared sampler's images, which users get, then by the model's.
    """
    features = [
        Column(name, split, distribution)
        for name, split in feature_distances(metrics)
        for distribution in (SAMPLER, MODEL)
    ]
    return [*features, *RANKED]


def blocks(scores: pd.DataFrame, column: Column) -> list[Block]:
    """Find the largest complete block of a column that can be tested, and the largest of all if that is another one.

    Controls are left out, because they are not trained. The smallest block is two methods that share two data sets.
    Values are medians over seeds; a run without a value counts as worse than any. A method for which the metric is not
    defined, because all its runs skip it, is left out.
    """
    rows = column.rows(scores)
    rows = rows[rows["loss"] != "none"]
    rows = rows[(rows["status"] != "skipped").groupby([rows[name] for name in _METHOD]).transform("any")]
    worst = math.inf if described(column.metric).direction == "lower" else -math.inf
    values = rows["value"].astype(float).where(rows["status"] == "ok").fillna(worst)
    table = rows.assign(value=values).pivot_table("value", "dataset", _METHOD, "median")
    found = [_complete(column, table, table[name].notna()) for name in table]
    found = [each for each in found if min(each.values.shape) >= 2]
    tested = sorted((each for each in found if each.tested), key=_entries, reverse=True)[:1]
    largest = sorted(found, key=_entries, reverse=True)[:1]
    return tested + [each for each in largest if not each.tested]


def _entries(of: Block) -> int:
    return of.values.size


def _complete(column: Column, table: pd.DataFrame, wanted: pd.Series) -> Block:
    """Return the block of the ``wanted`` data sets and of the methods that have all of them."""
    values = table[wanted].dropna(axis="columns")
    methods = [name for name in table if name not in values]
    return Block(column, values, methods, [name for name in table.index if name not in values.index])
