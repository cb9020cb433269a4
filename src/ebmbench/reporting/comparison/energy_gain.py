"""Energy gains: how much test likelihood an energy adds to its base, and which part of the gap to a strong model."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.columns import MODEL
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.planning.comparisons import Side
from ebmbench.reporting.comparison.differences import by_seed, gain_text, verdict
from ebmbench.reporting.comparison.intervals import interval
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.paired import Ratio, paired, ratio
from ebmbench.reporting.comparison.summary import counted
from ebmbench.reporting.number_text import interval_text

#: the series that all others are compared with
BASE = "base"

#: what is compared, in nats; lower is better
METRIC, SPLIT = "nll", "test"

#: the same on the test rows of a table without an exact copy in train, each once
UNIQUE = "nll_unique"

#: heading of the gains on unique rows
ON_UNIQUE = "gain, unique rows (nats)"


NO_FRACTION = Ratio(math.nan, math.nan, math.nan, 0)


class BasePlace(NamedTuple):
    """A cell of a series at one base, and the cell of that base alone on the same data set, if there is one."""

    series: str
    base: str
    cell: Cell
    alone: Cell | None


def placed(cells: Collection[Cell], series: Mapping[str, Sequence[str]]) -> list[BasePlace]:
    """Resolve the methods that ``series`` names into cells: for each series one method per base, or "" for none.

    A method is given by its family, ``family-loss`` or ``family-loss-stats``; ``series[BASE]`` are the bases alone.
    Raises :class:`UserError` for a name that matches no cell, or several cells of one data set.
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
    """Compute one row per place: the mean test NLL in nats over seeds with status ok, and the gain over the base alone.

    The gain is the base's NLL less the method's, paired by seed (:func:`ebmbench.reporting.comparison.paired.paired`);
    it is above 0 if the method is better. ``stderr`` is that of the mean NLL over seeds; ``log_z_stderr`` is the root
    mean square over seeds of the error of log Z; ``parameters`` counts those of the whole model, its base included.
    """
    nll = scores[(scores["metric"] == METRIC) & (scores["split"] == SPLIT) & (scores["distribution"] == MODEL)]
    groups = {Cell(*names): group for names, group in nll.groupby(list(AXES))}
    sizes = _parameters(runs)
    table = []
    for place in places:
        own = groups.get(place.cell, nll[:0])
        alone = groups.get(place.alone, nll[:0]) if place.alone and place.series != BASE else nll[:0]
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
    """Return the values of the seeds with status ok."""
    ok = rows[rows["status"] == "ok"]
    return ok.set_index("seed")["value"].astype(float)


def _parameters(runs: pd.DataFrame) -> dict[Cell, float]:
    """Return the number of parameters by cell, for runs that recorded it."""
    if "train.parameters" not in runs:
        return {}
    known = runs.groupby(list(AXES))["train.parameters"].first()
    return {Cell(*names): value for names, value in known.items()}


def _by_dataset(cells: Collection[Cell], series: str, entry: str) -> dict[str, Cell]:
    """Return the cell that ``entry`` names on each data set; none for ""."""
    found: dict[str, Cell] = {}
    for cell in cells if entry else ():
        # names hold no hyphen, so that only whole names match
        if f"{cell.method}-".startswith(f"{entry}-"):
            if cell.dataset in found:
                both = f"{found[cell.dataset].method} and {cell.method}"
                raise UserError(f"gains: {series} = {entry!r} is both {both}; allowed: a name that is one of them")
            found[cell.dataset] = cell
    if entry and not found:
        known = allowed_names(entry, dict.fromkeys(cell.method for cell in cells))
        raise UserError(f"gains: {series} = {entry!r} is no method that is shown; {known}, or a first part")
    return found


def fractions_closed(scores: pd.DataFrame, runs: pd.DataFrame, bases: Mapping[Cell, Cell], strong: str) -> pd.DataFrame:
    """Compute one row per cell of ``bases``: test NLL of the base alone, with its energy, and of the method ``strong``.

    Each is the mean over the seeds at which the model has a likelihood, or over all its own seeds if the model has
    none. ``gain`` is base minus model and ``gap`` base minus ``strong``, both paired by seed with 95 % intervals;
    ``gain_unique`` is the gain on unique test rows, for tables with repeated rows. The
    column ``fraction_closed`` is the fraction of the gap closed: mean gain over mean gap with Fieller's interval
    (:func:`ebmbench.reporting.comparison.paired.ratio`), empty if the gap is indistinguishable from 0. ``stopped``
    counts those of the ``seeds`` whose best model is the one before the first step. Data sets without the method
    ``strong`` have no gap.
    """
    found = by_seed(scores)
    values = {side: of for (side, name), of in found.items() if name == (METRIC, SPLIT)}
    on_unique = {side: of for (side, name), of in found.items() if name == (UNIQUE, SPLIT)}
    untrained = _untrained(runs)
    none = pd.Series(dtype=float)
    rows = []
    for cell, base in bases.items():
        far = Cell(cell.dataset, *strong.split("-"))
        alone, own, to = (values.get(Side(of), none) for of in (base, cell, far))
        levels = {"nll_base": _mean(alone, own), "nll": own.mean(), "nll_strong": _mean(to, own)}
        stopped = sum((cell, seed) in untrained for seed in own.index)
        row = {**cell._asdict(), "base": method_label(*base[1:])} | levels | {"seeds": len(own), "stopped": stopped}
        gain, gap = paired(alone, own), paired(alone, to)
        row |= gain.columns("gain") | {"gain_pairs": gain.pairs} | gap.columns("gap") | {"gap_pairs": gap.pairs}
        unique = paired(on_unique.get(Side(base), none), on_unique.get(Side(cell), none))
        row |= unique.columns("gain_unique") | {"gain_unique_pairs": unique.pairs}
        closed = ratio(alone - own, alone - to) if gap.ci_low > 0 else NO_FRACTION
        rows.append(
            row
            | {
                "fraction_closed": closed.value,
                "fraction_closed_ci_low": closed.ci_low,
                "fraction_closed_ci_high": closed.ci_high,
            }
        )
    return pd.DataFrame(rows)


def gap_closed_page(table: pd.DataFrame) -> pd.DataFrame:
    """Format the table for a page; gains on unique rows have a column if a data set has such rows."""
    page = pd.DataFrame([_shown(row) for row in table.to_dict("records")])
    return page if (page[ON_UNIQUE] != "").any() else page.drop(columns=ON_UNIQUE)


def _shown(row: dict) -> dict[str, str]:
    half = row["gap_ci_high"] - row["gap"]
    fraction = "" if math.isnan(row["fraction_closed"]) else f"{row['fraction_closed']:.2f}"
    if not math.isnan(row["fraction_closed_ci_low"]):
        fraction += f" [{row['fraction_closed_ci_low']:.2f}, {row['fraction_closed_ci_high']:.2f}]"
    return {
        "data set": row["dataset"],
        "method": method_label(row["family"], row["loss"], row["stats"]),
        "base": row["base"],
        "seeds": str(row["seeds"]),
        "base alone (nats)": _text(row["nll_base"]),
        "with the energy (nats)": _text(row["nll"]),
        "gain (nats)": _gain_text(row, "gain"),
        ON_UNIQUE: _gain_text(row, "gain_unique"),
        "stopped at zero": f"{row['stopped']} of {row['seeds']}",
        "gap (nats)": interval_text(row["gap"], half) if row["gap_pairs"] else "",
        "fraction closed": fraction,
    }


def _gain_text(row: dict, name: str) -> str:
    """Format the gain whose columns begin with ``name``, with its verdict."""
    if not row[f"{name}_pairs"]:
        return ""
    low, high = row[f"{name}_ci_low"], row[f"{name}_ci_high"]
    return gain_text({"gain": row[name], "gain_ci_high": high, "verdict": verdict(low, high)})


def _mean(values: pd.Series, own: pd.Series) -> float:
    """Average over the seeds that ``own`` has as well, or over all seeds if ``own`` is empty."""
    return values[values.index.isin(own.index)].mean() if len(own) else values.mean()


def _untrained(runs: pd.DataFrame) -> set[tuple[Cell, int]]:
    """Return the cells and seeds whose selected model is the one before the first step."""
    kept = runs[runs["train.kept_step"] == 0]
    return {(Cell(*key), seed) for *key, seed in kept[[*AXES, "seed"]].itertuples(index=False)}


def _text(value: float) -> str:
    return "—" if math.isnan(value) else f"{value:.2f}"
