"""Literature results on the two sides of a claim, shown next to its verdict and never mixed into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from ebmbench.core.errors import UserError, allowed_names
from ebmbench.reporting.claims.claim import Claim, Published
from ebmbench.reporting.claims.region import region


class Literature(NamedTuple):
    """The number of data sets on which literature results are on the claim's side and on the other, and all of them."""

    agree: int
    disagree: int
    text: str


def literature(claim: Claim, results: pd.DataFrame) -> Literature:
    """Compare the two sides of a claim in the rows of results/published, at the last epoch that both have.

    A data set agrees if the claim holds for the two numbers, without any error: they have none. Raises
    :class:`UserError` for a selection without a row.
    """
    found = [_compare(claim, asked, results) for asked in claim.published]
    agree = sum(each.agree for each in found)
    return Literature(agree, sum(each.disagree for each in found), "; ".join(each.text for each in found))


def _compare(claim: Claim, asked: Published, results: pd.DataFrame) -> Literature:
    this, other = (_select(claim, results, asked.rows, side) for side in (asked.this, asked.other))
    both = this.merge(other, on=["dataset", "epoch"] if _curve(asked) else ["dataset"], suffixes=("", "_other"))
    both = both.sort_values("epoch").groupby("dataset", sort=True).tail(1).sort_values("dataset")
    allowed = region(claim)
    agree = [allowed.holds(allowed.sign * (a - b)) for a, b in zip(both["value"], both["value_other"], strict=True)]
    numbers = ", ".join(_numbers(row, _curve(asked)) for row in both.to_dict("records"))
    names = " against ".join(" ".join(map(str, side.values())) for side in (asked.this, asked.other))
    what = "at the last common epoch" if _curve(asked) else f"by {asked.rows['what']}"
    text = f"{names} {what}: {numbers}; on the claim's side on {sum(agree)} of {len(agree)}"
    return Literature(sum(agree), len(agree) - sum(agree), text)


def _select(claim: Claim, rows: pd.DataFrame, *wanted: Mapping[str, Any]) -> pd.DataFrame:
    for column, value in (item for each in wanted for item in each.items()):
        if column not in rows:
            raise UserError(f"claims: {claim.id}: published: no column {column}; {allowed_names(column, rows)}")
        rows = rows[rows[column].isin(value if isinstance(value, list) else [value])]
    if rows.empty:
        raise UserError(f"claims: {claim.id}: published: {wanted[-1]} matches no row of results/published")
    return rows


def _curve(asked: Published) -> bool:
    return asked.rows.get("what") == "curve"


def _numbers(row: Mapping[Any, Any], curve: bool) -> str:
    epoch = f" (epoch {row['epoch']:.0f})" if curve else ""
    return f"{row['dataset']} {row['value']:g} and {row['value_other']:g}{epoch}"
