"""Columns of a reader's table: which metrics are shown, of which distribution, and in which order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from ebmbench.core.columns import BASE, MODEL, SAMPLER
from ebmbench.evaluation.metrics.registry import feature_name
from ebmbench.evaluation.metrics.registry import metric as described


class Column(NamedTuple):
    """A column of a reader's table: a metric on a split, of the distribution ``distribution``."""

    metric: str
    split: str
    distribution: str

    def rows(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of scores.csv or summary.csv that are about this column."""
        asked = (table["metric"] == self.metric) & (table["split"] == self.split)
        return table[asked & (table["distribution"] == self.distribution)]


#: columns of a reader's table, in order; some metrics are also shown for the sampler or for the base alone
COLUMNS: tuple[Column, ...] = (
    Column("kl", "exact", MODEL),
    Column("reverse_kl", "exact", MODEL),
    Column("manifold_tv", "exact", MODEL),
    Column("manifold_tv", "exact", BASE),
    Column("manifold_distance", "exact", MODEL),
    Column("manifold_distance", "exact", BASE),
    *(Column("fid", "test", distribution) for distribution in (MODEL, SAMPLER, BASE)),
    Column("nll", "test", MODEL),
    Column("nll_trimmed", "test", MODEL),
    Column("nll_unique", "test", MODEL),
    Column("mode_weight_error", "exact", MODEL),
    Column("mode_fraction_error", "exact", MODEL),
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
    "fdinf": (MODEL, SAMPLER, BASE),
    "floor": (MODEL,),
    "kid": (MODEL,),
    "precision": (MODEL,),
    "recall": (MODEL,),
    "coverage": (MODEL,),
    "copying": (MODEL,),
}


def columns_of(summary: pd.DataFrame) -> list[Column]:
    """Return the image-feature columns and those of :data:`COLUMNS` in ``summary``, except those skipped everywhere."""
    skipped = (summary["seeds"] == 0) & (summary["failures"] == summary["failed"].astype(str) + " skipped")
    reported = summary[~skipped]
    held = {
        Column(*names) for names in zip(reported["metric"], reported["split"], reported["distribution"], strict=True)
    }
    extractors = [name.removeprefix("fd_") for name in sorted(set(reported["metric"])) if name.startswith("fd_")]
    features = [
        Column(name, described(name).splits[-1], distribution)
        for extractor in extractors
        for distance, distributions in _OF_FEATURES.items()
        for name in [feature_name(distance, extractor)]
        for distribution in distributions
    ]
    return [column for column in (*features, *COLUMNS) if column in held]


def feature_distances(metrics: Iterable[str]) -> list[tuple[str, str]]:
    """Return the Frechet distances among the names of ``metrics``, each with the split on which it is reported."""
    names = sorted(name for name in set(metrics) if name == "fid" or name.startswith("fd_"))
    return [(name, described(name).splits[-1]) for name in names]


def heading(column: Column) -> str:
    """Return the heading of a column: the metric, the distribution if it is not the model's, and the unit."""
    return _named(column.metric, column) + described(column.metric).in_brackets


def title(column: Column) -> str:
    """Return the title of what is about one column: the metric, the split, and the distribution if not the model's."""
    return _named(f"{column.metric}, {column.split}", column)


def _named(name: str, column: Column) -> str:
    return name if column.distribution == MODEL else f"{name}, {column.distribution}"
