"""Checks of a table's columns before they are whitened: values that are no numbers, columns without variance."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

#: fraction of a column's variance that the columns before it leave unexplained, below which it counts as dependent:
#: float64 arithmetic leaves about 1e-15 of an exact combination, and values with six digits about 1e-12
LEAST = 1e-12


class ColumnError(ValueError):
    """A table that cannot be used because of one column.

    ``column``: its index; ``problem``: the rest of the line; ``others``: indices of columns that the line names last.
    """

    def __init__(self, column: int, problem: str, others: tuple[int, ...] = ()) -> None:
        self.column, self.problem, self.others = column, problem, others
        super().__init__(self.line())

    def line(self, name: Callable[[int], str] = str) -> str:
        """Return the line for the user, with each column by its ``name``."""
        return f"column {name(self.column)}{self.problem}{', '.join(map(name, self.others))}"


def check_finite(rows: Tensor) -> None:
    """Raise :class:`ColumnError` for the first column of ``rows: (N, D)`` with missing (NaN) or infinite values."""
    _refuse(rows.isnan(), "missing")
    _refuse(rows.isinf(), "infinite")


def covariance_factor(rows: Tensor) -> Tensor:
    """Compute the lower triangular L with L L' = covariance (divided by N) of ``rows: (N, D)``, float64.

    Raises :class:`ColumnError` for a column with a single value, or one that is a linear function of columns before it.
    """
    constant = (rows == rows[0]).all(0).nonzero().flatten().tolist()
    if constant:
        raise ColumnError(constant[0], f" has the value {rows[0, constant[0]]:g} in every row; leave the column out")
    centred = rows - rows.mean(0)
    covariance = centred.T @ centred / len(rows)
    factor, failed = torch.linalg.cholesky_ex(covariance)
    # the factorisation fails at a column, counted from 1, that the columns before it explain up to rounding
    sound = int(failed) - 1 if failed else len(covariance)
    unexplained = (factor.diagonal().square() / covariance.diagonal())[:sound]
    dependent = [*(unexplained < LEAST).nonzero().flatten().tolist(), sound][0]
    if dependent < len(covariance):
        raise ColumnError(
            dependent,
            " is a linear function of other columns; leave it out, or one of these: ",
            _explaining(covariance, dependent),
        )
    return factor


def _refuse(marked: Tensor, what: str) -> None:
    counts = marked.sum(0)
    columns = counts.nonzero().flatten().tolist()
    if columns:
        column, number = columns[0], int(counts[columns[0]])
        first = int(marked[:, column].nonzero()[0]) + 1
        values = "value" if number == 1 else "values"
        others = f"; {len(columns) - 1} other columns have {what} values, too" if len(columns) > 1 else ""
        raise ColumnError(column, f": {number} {values} {what}, the first in row {first}{others}")


def _explaining(covariance: Tensor, column: int) -> tuple[int, ...]:
    """Return the columns before ``column`` that have a part in the linear function that it is of them."""
    known, joint = covariance[:column, :column], covariance[:column, column]
    slopes = torch.cholesky_solve(joint[:, None], torch.linalg.cholesky(known)).flatten()
    deviation = covariance.diagonal().sqrt()
    standardised = slopes * deviation[:column] / deviation[column]
    return tuple((standardised.abs() > LEAST**0.5).nonzero().flatten().tolist())
