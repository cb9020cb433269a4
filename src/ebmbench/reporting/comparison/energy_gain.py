"""What an energy gains over the base that it stands on, in test likelihood, from weak bases to strong ones."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.columns import MODEL
from ebmbench.core.errors import UserError
from ebmbench.reporting.comparison.paired import paired
from ebmbench.reporting.comparison.tables import counted, interval

#: the series that the others are compared to
BASE = "base"

#: what is compared, in nats; lower is better
METRIC, SPLIT = "nll", "test"


class BasePlace(NamedTuple):
    """A cell as the entry of a series at a base, and the cell of that base alone on the same data set, if any."""

    series: str
    base: str
    cell: Cell
    alone: Cell | None


def placed(cells: Collection[Cell], series: Mapping[str, Sequence[str]]) -> list[BasePlace]:
    """Where each cell stands that ``series`` names: by series, at each base one method or "" for none.

    A method is named by its family, ``family-loss`` or ``family-loss-stats``; ``series[BASE]`` are the bases alone.
    Raises :class:`UserError` for a name that fits no cell, or several of one data set.
    """
    bases = series[BASE]
    alone = [_by_dataset(cells, BASE, entry) for entry in bases]
    return [
        BasePlace(name, base, cell, lone.get(dataset))
        for name, entries in series.items()
        for base, entry, lone in zip(bases, entries, alone, strict=True)
        for dataset, cell in _by_dataset(cells, name, entry).items()
    ]


def gains(scores: pd.DataFrame, runs: pd.DataFrame, places: Sequence[BasePlace]) -> pd.DataFrame:
    """One row a place: the mean test NLL in nats over the seeds whose status is ok, and the gain over the base alone.

    The gain is the base's NLL less the method's, paired by seed (:func:`ebmbench.reporting.comparison.paired.paired`);
    above 0 the method is better. ``stderr``: of the mean NLL over seeds. ``log_z_stderr``: root mean square over seeds
    of log Z's own error. ``parameters``: of the whole model, its base's among them.
    """
    nll = scores[(scores["metric"] == METRIC) & (scores["split"] == SPLIT) & (scores["law"] == MODEL)]
    rows = {Cell(*names): group for names, group in nll.groupby(list(AXES))}
    sizes = _parameters(runs)
    table = []
    for place in places:
        own = rows.get(place.cell, nll[:0])
        alone = rows.get(place.alone, nll[:0]) if place.series != BASE else nll[:0]
        head = {"series": place.series, "base": place.base, **place.cell._asdict()}
        size = {"parameters": sizes.get(place.cell, math.nan)}
        gain = paired(_by_seed(alone), _by_seed(own))
        table.append(head | _level(own) | size | gain.columns("gain") | {"pairs": gain.pairs})
    return pd.DataFrame(table)


def _level(rows: pd.DataFrame) -> dict[str, object]:
    values = _by_seed(rows)
    of = interval(values)
    squares = rows["log_z_stderr"].astype(float) ** 2
    return {
        "nll": of.mean,
        "stderr": of.stderr,
        "log_z_stderr": math.sqrt(squares.mean()) if squares.notna().any() else math.nan,
        "seeds": len(values),
        "failed": len(rows) - len(values),
        "failures": counted(rows["status"][rows["status"] != "ok"]),
    }


def _by_seed(rows: pd.DataFrame) -> pd.Series:
    """The values of the seeds whose status is ok."""
    ok = rows[rows["status"] == "ok"]
    return ok.set_index("seed")["value"].astype(float)


def _parameters(runs: pd.DataFrame) -> dict[Cell, float]:
    """The number of parameters by cell, where it is known."""
    if "train.parameters" not in runs:
        return {}
    known = runs.groupby(list(AXES))["train.parameters"].first()
    return {Cell(*names): value for names, value in known.items()}


def _by_dataset(cells: Collection[Cell], series: str, entry: str) -> dict[str, Cell]:
    """The cell by data set whose method ``entry`` names, none for ""."""
    found: dict[str, Cell] = {}
    for cell in cells if entry else ():
        # names hold no hyphen: only whole ones fit
        if f"{cell.method}-".startswith(f"{entry}-"):
            if cell.dataset in found:
                both = f"{found[cell.dataset].method} and {cell.method}"
                raise UserError(f"gains: {series} = {entry!r} is both {both}; allowed: a name that is one of them")
            found[cell.dataset] = cell
    if entry and not found:
        known = ", ".join(dict.fromkeys(cell.method for cell in cells))
        raise UserError(f"gains: {series} = {entry!r} is no method that is shown; allowed: {known}, or a first part")
    return found
