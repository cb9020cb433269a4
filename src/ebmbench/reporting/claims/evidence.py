"""The values that a claim compares, selected from a table of committed runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.reporting.claims.claim import STDERR, VALUE, Claim


class EvidenceSide(NamedTuple):
    """Values of one side and their standard errors, indexed by the pairing column; missing if a run has no value."""

    values: pd.Series
    stderrs: pd.Series


class Evidence(NamedTuple):
    """Both sides of a claim on one combination of its ``each`` columns, named ``on``."""

    on: str
    this: EvidenceSide
    other: EvidenceSide

    @property
    def kept(self) -> pd.Series:
        """Whether both sides have a value, indexed by the pairing column."""
        return (self.this.values - self.other.values).notna()


def gather(claim: Claim, table: pd.DataFrame) -> list[Evidence]:
    """Return both sides on every combination of ``each`` for which this side has rows.

    Raises :class:`UserError`, naming the claim, for a column missing from the table, for an empty selection, and for
    a run that has two values on one side.
    """
    rows = _last(claim, _select(claim, table, claim.rows))
    this = _by_group(claim, rows, claim.this)
    if isinstance(claim.other, Mapping):
        other = _by_group(claim, rows, claim.other)
    else:
        other = {on: _constant(side, float(claim.other)) for on, side in this.items()}
    found = [Evidence(on, side, other[on]) for on, side in this.items() if on in other]
    if not found:
        raise UserError(f"{_where(claim)}: the two sides have no {' and '.join(claim.each)} in common")
    return found


def read_evidence(claim: Claim, reference: Path) -> pd.DataFrame:
    """Read the table that a claim names from the committed runs in ``reference``."""
    return read_typed(reference / claim.grid / f"{claim.table}.csv")


def _where(claim: Claim) -> str:
    return f"claims: {claim.id} ({claim.grid}/{claim.table}.csv)"


def _select(claim: Claim, rows: pd.DataFrame, wanted: Mapping[str, Any]) -> pd.DataFrame:
    for column, values in wanted.items():
        _check_column(claim, rows, column)
        allowed = values if isinstance(values, list) else [values]
        kept = rows[rows[column].isin(allowed)]
        if kept.empty:
            raise UserError(f"{_where(claim)}: {column} = {values!r} matches no row")
        rows = kept
    return rows


def _last(claim: Claim, rows: pd.DataFrame) -> pd.DataFrame:
    if claim.last is None:
        return rows
    keys = [name for name in ("dataset", "family", "loss", "stats", "seed") if name in rows]
    return rows[rows[claim.last] == rows.groupby(keys)[claim.last].transform("max")]


def _by_group(claim: Claim, rows: pd.DataFrame, side: Mapping[str, Any]) -> dict[str, EvidenceSide]:
    own = _select(claim, rows, {key: value for key, value in side.items() if key not in (VALUE, STDERR)})
    column, error = side.get(VALUE, VALUE), side.get(STDERR, STDERR)
    divisor = [claim.per] if claim.per else []
    for name in (column, claim.pair, *claim.each, *divisor):
        _check_column(claim, own, name)
    found = {}
    for key, group in own.groupby(list(claim.each), sort=True):
        of = group.set_index(claim.pair)
        if not of.index.is_unique:
            twice = of.index[of.index.duplicated()][0]
            raise UserError(f"{_where(claim)}: {claim.pair} {twice} of {_name(key)} occurs twice on one side")
        scale = of[claim.per].astype(float) if claim.per else 1.0
        values = of[column].astype(float) / scale
        errors = of[error] if error in of else pd.Series(math.nan, index=of.index)
        found[_name(key)] = EvidenceSide(values.abs() if claim.size else values, errors.astype(float) / scale)
    return found


def _check_column(claim: Claim, rows: pd.DataFrame, name: str) -> None:
    if name not in rows:
        raise UserError(f"{_where(claim)}: no column {name}; allowed: {', '.join(map(str, rows.columns))}")


def _name(key: tuple[Any, ...]) -> str:
    return " ".join(f"{part:g}" if isinstance(part, float) else str(part) for part in key)


def _constant(like: EvidenceSide, value: float) -> EvidenceSide:
    return EvidenceSide(pd.Series(value, index=like.values.index), pd.Series(0.0, index=like.values.index))
