"""Mean ranks of methods by exact KL at each rung of a grid, with what the rung costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.reporting.comparison.convergence import between_rungs
from ebmbench.reporting.comparison.rank_blocks import KL, Block, blocks

_METHOD = list(AXES[1:])

#: columns of the table
COLUMNS = (
    *("rung", *_METHOD, "datasets", "mean_rank", "best", "no_result"),
    *("evaluations", "cpu_seconds", "converged"),
)

_SPENT = {
    "evaluations": ["train.energy_evaluations", "train.gradient_evaluations"],
    "cpu_seconds": ["train.cpu_seconds"],
}


class RungTables(NamedTuple):
    """The tables ``scores`` and ``runs`` of a rung."""

    scores: pd.DataFrame
    runs: pd.DataFrame


def rung_ranks(tables: Mapping[int, RungTables]) -> pd.DataFrame:
    """Return one row per method and rung, over the methods and data sets that all rungs have in common.

    Values are those of :func:`~ebmbench.reporting.comparison.rank_blocks.blocks`: medians over seeds, where a run
    without a result is worse than any. ``evaluations`` (energy and gradient) and ``cpu_seconds`` of training are
    geometric means over data sets of the median over seeds. ``converged`` counts the data sets on which the median KL
    fell by less than 5 % per doubling since the rung before; it is empty at the first. The table is empty if two
    methods and two data sets are not in common.
    """
    found = {rung: blocks(of.scores, KL)[:1] for rung, of in sorted(tables.items())}
    if not found or not all(found.values()):
        return pd.DataFrame(columns=list(COLUMNS))
    first = {rung: of[0] for rung, of in found.items()}
    methods, datasets = _common(first)
    if min(len(methods), len(datasets)) < 2:
        return pd.DataFrame(columns=list(COLUMNS))
    rows = []
    before: tuple[int, pd.DataFrame] | None = None
    for rung, block in first.items():
        values = block.values.loc[datasets, methods]
        ranks = block._replace(values=values).ranks
        spent = _spent(tables[rung].runs, datasets)
        for name in methods:
            since = None if before is None else (rung / before[0], before[1][name])
            row = {"rung": rung, **dict(zip(_METHOD, name, strict=True)), "datasets": len(datasets)}
            row |= {"mean_rank": ranks[name].mean(), "best": int((ranks[name] == 1).sum())}
            row |= {"no_result": int(np.isinf(values[name]).sum()), **spent.loc[name].to_dict()}
            rows.append(row | {"converged": _converged(values[name], since)})
        before = rung, values
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"converged": "Int64"})


def _common(found: Mapping[int, Block]) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Return the methods and the data sets that are in every block, in the order of the first."""
    one, *others = [of.values for of in found.values()]
    methods = [name for name in one.columns if all(name in of.columns for of in others)]
    return methods, [name for name in one.index if all(name in of.index for of in others)]


def _spent(runs: pd.DataFrame, datasets: list[str]) -> pd.DataFrame:
    of = runs[runs["dataset"].isin(datasets)]
    costs = of.assign(**{name: of[parts].astype(float).sum(axis="columns") for name, parts in _SPENT.items()})
    medians = costs.groupby(list(AXES))[list(_SPENT)].median()
    with np.errstate(divide="ignore"):
        # the geometric mean of costs of which one is 0, as those of a fit in closed form, is 0
        means: pd.DataFrame = np.exp(np.log(medians).groupby(level=_METHOD).mean())
    return means


def _converged(values: pd.Series, since: tuple[float, pd.Series] | None) -> int | None:
    if since is None:
        return None
    factor, before = since
    ended = values[np.isfinite(values)].to_dict()
    started = before[np.isfinite(before)].to_dict()
    return sum(between_rungs(started, ended, math.log2(factor)).values())
