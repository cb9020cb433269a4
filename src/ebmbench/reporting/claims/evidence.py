"""The values that a claim compares, selected from tables of committed runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ebmbench.core.columns import MODEL, SAMPLER
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.reporting.claims.claim import STDERR, VALUE, Claim, Untrained

#: name of a table of the claim's grid -> the table
Tables = Callable[[str], pd.DataFrame]

#: why an entry decides nothing whose data cannot show what the claim says
COARSE = "too few rows on {on} to show it"

#: the distribution that is shown next to the one that a claim declares
OTHER_DISTRIBUTION = {MODEL: SAMPLER, SAMPLER: MODEL}


class EvidenceSide(NamedTuple):
    """``(n,)`` values of one side, one per training, with their standard errors and numbers of repetitions.

    A training that failed has the value NaN; a time that was not reached is infinite.
    """

    values: np.ndarray
    stderrs: np.ndarray
    counts: np.ndarray


class Evidence(NamedTuple):
    """Both sides of a claim on one entry, named ``on``; the arrays are aligned, and ``untrained`` is NaN if unknown.

    ``unfit``: why the entry decides nothing, such as a metric that fails its control; empty if it may.
    """

    on: str
    this: EvidenceSide
    other: EvidenceSide
    untrained: float = math.nan
    unfit: str = ""


def gather(claim: Claim, tables: Tables) -> list[Evidence]:
    """Return both sides on every combination of ``each`` for which both have trainings in common.

    Rows of combinations that were skipped are left out. Raises :class:`UserError`, naming the claim, for a column
    missing from the table, for an empty selection, and for a training that has two values on one side.
    """
    rows = _extreme(_select(claim, _run(tables(claim.table)), claim.rows), claim.last, "max")
    this = _by_entry(claim, rows, claim.this)
    if isinstance(claim.other, Mapping):
        other = _by_entry(claim, rows, claim.other)
    else:
        other = {on: _constant(side, float(claim.other)) for on, side in this.items()}
    untrained, coarse = _untrained(claim, tables), _coarse(claim, rows)
    found = [_aligned(on, side, other[on], untrained) for on, side in this.items() if on in other]
    found = [both._replace(unfit=COARSE.format(on=both.on)) if both.on in coarse else both for both in found]
    if not found:
        raise UserError(f"{_where(claim)}: the two sides have no {' and '.join(claim.each)} in common")
    return found


def has_distribution(claim: Claim, tables: Tables, distribution: str) -> bool:
    """Return whether both sides of a claim have values of the distribution ``distribution``."""
    rows = _run(tables(claim.table))
    for column, wanted in claim.rows.items():
        rows = rows[_among(rows[column], wanted)]
    for side in (claim.this, claim.other):
        if isinstance(side, Mapping) and "distribution" not in side:
            own = rows[rows["distribution"] == distribution]
            for column, wanted in side.items():
                own = own[_among(own[column], wanted)] if column not in (VALUE, STDERR) else own
            if own[VALUE].notna().sum() == 0:
                return False
    return True


def reader(grid: Path) -> Tables:
    """Return a function that reads a table of the committed run in the folder ``grid``, each only once."""
    kept: dict[str, pd.DataFrame] = {}

    def read(name: str) -> pd.DataFrame:
        if name not in kept:
            kept[name] = read_typed(grid / f"{name}.csv")
        return kept[name]

    return read


def _where(claim: Claim) -> str:
    return f"claims: {claim.id} ({claim.grid}/{claim.table}.csv)"


def _run(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["status"] != "skipped"] if "status" in rows else rows


def _among(column: pd.Series, wanted: Any) -> pd.Series:
    return column.isin(wanted if isinstance(wanted, list) else [wanted])


def _select(claim: Claim, rows: pd.DataFrame, wanted: Mapping[str, Any]) -> pd.DataFrame:
    for column, values in wanted.items():
        _check_column(claim, rows, column)
        kept = rows[_among(rows[column], values)]
        if kept.empty:
            raise UserError(f"{_where(claim)}: {column} = {values!r} matches no row")
        rows = kept
    return rows


def _extreme(rows: pd.DataFrame, column: str | None, which: str) -> pd.DataFrame:
    """Keep the rows with the smallest or largest value of ``column`` in each run."""
    if column is None:
        return rows
    keys = [name for name in ("dataset", "family", "loss", "stats", "seed") if name in rows]
    return rows[rows[column] == rows.groupby(keys)[column].transform(which)]


def _by_entry(claim: Claim, rows: pd.DataFrame, side: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Return a frame per entry: ``value``, ``stderr`` and ``count``, indexed by the pairing column."""
    wanted = {key: value for key, value in side.items() if key not in (VALUE, STDERR)}
    distribution = (
        {} if claim.distribution is None or "distribution" in wanted else {"distribution": claim.distribution}
    )
    own = _select(claim, rows, distribution | wanted)
    for name in (side.get(VALUE, VALUE), claim.pair, *claim.each, *([claim.per] if claim.per else [])):
        _check_column(claim, own, name)
    read = _read(claim, own, side)
    if claim.pool is not None:
        # a training with a failed part has failed: the mean of the rest would hide it
        value = read.groupby([*claim.each, claim.pair])["value"].agg(claim.pool.by, skipna=False)
        read = value.reset_index().assign(stderr=math.nan, count=1)
    found = {}
    for key, group in read.groupby(list(claim.each), sort=True):
        of = group.set_index(claim.pair)[["value", "stderr", "count"]]
        if not of.index.is_unique:
            twice = of.index[of.index.duplicated()][0]
            raise UserError(f"{_where(claim)}: {claim.pair} {twice} of {_name(key)} occurs twice on one side")
        found[_name(key)] = of
    return found


def _read(claim: Claim, own: pd.DataFrame, side: Mapping[str, Any]) -> pd.DataFrame:
    divisor = own[claim.per].astype(float) if claim.per else 1.0
    values = own[side.get(VALUE, VALUE)].astype(float) / divisor
    if "status" in own:
        values = values.where(own["status"] == "ok")
    if claim.reached is not None:
        _check_column(claim, own, claim.reached)
        values = values.where(own[claim.reached].astype(bool), math.inf)
    error = side.get(STDERR, STDERR)
    errors = own[error].astype(float) / divisor if error in own else math.nan
    if isinstance(claim.count, str):
        _check_column(claim, own, claim.count)
    count = own[claim.count] if isinstance(claim.count, str) else claim.count
    head = own[list(dict.fromkeys([*claim.each, claim.pair]))]
    return head.assign(value=values.abs() if claim.size else values, stderr=errors, count=count)


def _untrained(claim: Claim, tables: Tables) -> Callable[[str], float]:
    """Return the untrained model's value as a function of the entry's name."""
    if not isinstance(claim.untrained, Untrained):
        number = math.nan if claim.untrained is None else float(claim.untrained)
        return lambda on: number
    asked = claim.untrained
    rows = _extreme(_select(claim, tables(asked.table), asked.rows), asked.first, "min")
    for name in (asked.value, *claim.each):
        _check_column(claim, rows, name)
    means = {_name(key): float(of.mean()) for key, of in rows.groupby(list(claim.each))[asked.value]}
    return lambda on: means.get(on, math.nan)


def _coarse(claim: Claim, rows: pd.DataFrame) -> set[str]:
    """Return the entries whose data cannot show what the claim says: see :class:`~.claim.Resolution`."""
    if claim.resolution is None:
        return set()
    distribution = {} if claim.distribution is None else {"distribution": claim.distribution}
    own = _select(claim, rows, distribution | dict(claim.resolution.rows))
    pooled = claim.pool.over if claim.pool else ()
    means = own.groupby([*claim.each, *pooled])[VALUE].mean()
    worst = means.groupby(level=list(claim.each)).max()
    return {_name(key) for key, value in worst.items() if not value < claim.resolution.below}


def _aligned(on: str, this: pd.DataFrame, other: pd.DataFrame, untrained: Callable[[str], float]) -> Evidence:
    shared = this.index.intersection(other.index)
    return Evidence(on, _side(this.loc[shared]), _side(other.loc[shared]), untrained(on))


def _side(of: pd.DataFrame) -> EvidenceSide:
    return EvidenceSide(*(of[name].to_numpy(float) for name in ("value", "stderr", "count")))


def _check_column(claim: Claim, rows: pd.DataFrame, name: str) -> None:
    if name not in rows:
        raise UserError(f"{_where(claim)}: no column {name}; {allowed_names(name, rows.columns)}")


def _name(key: Any) -> str:
    parts = key if isinstance(key, tuple) else (key,)
    return " ".join(f"{part:g}" if isinstance(part, float) else str(part) for part in parts)


def _constant(like: pd.DataFrame, value: float) -> pd.DataFrame:
    return like.assign(value=value, stderr=0.0, count=math.inf)
