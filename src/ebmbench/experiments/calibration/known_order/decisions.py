"""All decisions of the benchmark's rules about scores of methods of known order, at several numbers of seeds."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ebmbench.core.columns import MODEL
from ebmbench.experiments.calibration.known_order import across, within
from ebmbench.experiments.calibration.known_order.measured import METRICS
from ebmbench.experiments.calibration.known_order.rules import Decision
from ebmbench.experiments.calibration.known_order.study import SEEDS, KnownOrderStudy
from ebmbench.reporting.comparison.columns import Column


def decisions(metric: str, scores: pd.DataFrame, study: KnownOrderStudy) -> Iterator[Decision]:
    """Yield every decision by ``metric`` about ``scores``, the rows of all problems.

    Every repetition has its own seeds: n seeds of each method give floor(n / k) repetitions with k seeds. Seeds that
    have no samples, at which the metric was skipped, are left out.
    """
    column, methods = Column(metric, METRICS[metric], MODEL), study.methods()
    own = scores[(scores["metric"] == column.metric) & (scores["split"] == column.split)]
    own = own[~own["seed"].isin(own.loc[own["status"] == "skipped", "seed"])]
    for seeds in SEEDS:
        for table in _repetitions(own, seeds):
            for _, of in table.groupby("dataset", sort=True):
                yield from within.tied_group(of, column, methods, seeds)
                yield from within.paired_differences(of, column, methods, seeds)
            yield from across.ranks(table, column, methods, seeds)
            yield from across.claims(table, column, methods, seeds)


def _repetitions(scores: pd.DataFrame, seeds: int) -> Iterator[pd.DataFrame]:
    """Yield the rows of one block of seeds after the other; a last block that is too small is left out."""
    block = scores["seed"] // seeds
    for number in range(scores["seed"].nunique() // seeds):
        yield scores[block == number]
