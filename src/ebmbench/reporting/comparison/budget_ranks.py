"""Mean ranks of methods by exact KL while they train, against the cost so far."""

from __future__ import annotations

import math

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.reporting.comparison.rank_blocks import Block

#: fractions of a data set's budget at which methods are ranked
FRACTIONS = tuple(2.0**power for power in range(-6, 1))

_METHOD = list(AXES[1:])
_RUN = [*AXES, "seed"]

#: columns of the table
COLUMNS = ("datasets", *_METHOD, "budget_fraction", "mean_rank", "untrained")


def budget_ranks(curves: pd.DataFrame, scores: pd.DataFrame, of: Block) -> pd.DataFrame:
    """Return each method's mean rank over the data sets of a block of KL at every one of :data:`FRACTIONS`.

    The cost is energy plus gradient evaluations, and the budget of a data set the largest cost of a run on it. A run
    counts by the KL of its last checkpoint within the fraction. Before its first checkpoint, and at every fraction if
    it ended without a result, it is untrained and ranks last. ``untrained`` counts the data sets on which half of the
    seeds or more are. A method that stops early keeps its last KL. Fractions at which every
    method is untrained are left out, and the table is empty unless every run with a result has a curve.
    """
    ok = _ended(scores, of)
    known = _checkpoints(curves, ok.index)
    if not ok[ok].index.isin(known.index).all():
        return pd.DataFrame(columns=list(COLUMNS))
    known = known[ok.reindex(known.index)]
    table = pd.concat([_at(fraction, known, ok.index, of) for fraction in FRACTIONS], ignore_index=True)
    trained = (table["untrained"] < table["datasets"]).groupby(table["budget_fraction"]).transform("any")
    return table[trained][list(COLUMNS)]


def _ended(scores: pd.DataFrame, of: Block) -> pd.Series:
    """Return whether each run of the block has a result."""
    rows = of.column.rows(scores)
    rows = rows[rows["dataset"].isin(of.values.index)].set_index(_RUN)
    return rows["status"][rows.index.droplevel(["dataset", "seed"]).isin(list(of.values))] == "ok"


def _checkpoints(curves: pd.DataFrame, runs: pd.Index) -> pd.DataFrame:
    """Return KL at the checkpoints of ``runs``, in their order, with the fraction of the budget spent."""
    known = curves[curves["kl"].notna()].sort_values([*_RUN, "step"]).set_index(_RUN)
    known = known[known.index.isin(runs)]
    cost = (known["energy_evaluations"] + known["gradient_evaluations"]).astype(float)
    budget = cost.groupby("dataset").transform("max")
    return known.assign(spent=(cost / budget).where(budget > 0, 0.0))[["kl", "spent"]]


def _at(fraction: float, known: pd.DataFrame, runs: pd.Index, of: Block) -> pd.DataFrame:
    reached = known["kl"][known["spent"] <= fraction].groupby(level=_RUN).last()
    values = reached.reindex(runs).fillna(math.inf).groupby(level=list(AXES)).median().unstack(_METHOD)
    ranks, untrained = values.rank(axis="columns").mean(), (values == math.inf).sum()
    rows = [
        dict(zip(_METHOD, name, strict=True)) | {"mean_rank": ranks[name], "untrained": int(untrained[name])}
        for name in of.values
    ]
    return pd.DataFrame(rows).assign(datasets=len(values), budget_fraction=fraction)
