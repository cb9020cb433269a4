"""Rows in a data set's own units, as a user has them, and the coordinates in which models see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor

from ebmbench.core.errors import UserError, allowed_names
from ebmbench.data.coordinates import Coordinates

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

#: ``(N, D)`` numbers: an array, a tensor, or a table with the data set's columns
Rows: TypeAlias = "ArrayLike | Tensor | pd.DataFrame"

#: the number of columns that are named where there are many
NAMED = 3


class Units(NamedTuple):
    """The own units of the data set ``name``: its ``columns``, and the ``coordinates`` in which models see them."""

    name: str
    columns: Sequence[str]
    coordinates: Coordinates

    @property
    def columns_text(self) -> str:
        """The number of columns and the first of their names: ``64 columns (pixel0, pixel1, pixel2, ...)``."""
        names = [*self.columns[:NAMED], "..."] if len(self.columns) > NAMED + 1 else self.columns
        return f"{len(self.columns)} columns ({', '.join(names)})"

    def to_model(self, rows: Rows) -> Tensor:
        """Return ``rows: (N, D)`` as models see them, float32.

        A table's columns are taken by name, in any order. Raises :class:`UserError` for a missing or repeated column,
        another number of columns, and values that are not finite numbers or lie beyond the range of single precision.
        """
        numbers = self._numbers(rows)
        z = self.coordinates(torch.from_numpy(numbers)).float()
        beyond = ~z.isfinite().all(dim=1).numpy()
        if beyond.any():
            row = int(beyond.argmax())
            # coordinates may mix the columns: the value farthest from 0 is at fault
            column = int(np.abs(numbers[row]).argmax())
            refused = f"{self._place(row, column)} is {numbers[row, column]:g}"
            raise UserError(f"{refused}; allowed: numbers within the range of single precision")
        return z

    def to_array(self, z: Tensor) -> np.ndarray:
        """Return ``z: (N, D)``, rows as models see them, in the data set's own units, ``(N, D)`` float64."""
        return self.coordinates.inverse(z.detach().double().cpu()).numpy()

    def to_frame(self, z: Tensor) -> pd.DataFrame:
        """Return ``z: (N, D)`` in the data set's own units as a table with its columns."""
        import pandas as pd

        return pd.DataFrame(self.to_array(z), columns=list(self.columns))

    def _numbers(self, rows: Rows) -> np.ndarray:
        chosen = self._chosen(rows)
        try:
            values = np.asarray(chosen, dtype=np.float64).copy()
        except (TypeError, ValueError) as error:
            raise UserError(f"{self.name}: rows that are not numbers ({error}); allowed: finite numbers") from error
        if values.ndim != 2 or values.shape[1] != len(self.columns):
            raise UserError(f"{self.name}: rows of shape {values.shape}; allowed: (N, {len(self.columns)})")
        bad = ~np.isfinite(values)
        if bad.any():
            row, column = np.argwhere(bad)[0]
            raise UserError(f"{self._place(row, column)} is {values[row, column]:g}; allowed: finite numbers")
        return values

    def _place(self, row: int, column: int) -> str:
        return f"{self.name}: row {row}, column {self.columns[column]}"

    def _chosen(self, rows: Rows) -> object:
        """Return the columns of a table by name, and anything else as it is, without a tensor's gradient.

        A table made from an array has numbers as names, which stand for the same text.
        """
        import pandas as pd

        if not isinstance(rows, pd.DataFrame):
            return detached(rows)
        names = [str(name) for name in rows.columns]
        missing = [name for name in self.columns if name not in names]
        if missing:
            unknown = [name for name in names if name not in self.columns]
            others = allowed_names(missing[0], unknown, label="unknown")
            raise UserError(f"{self.name}: no column {missing[0]}; {others}; needed: {', '.join(self.columns)}")
        repeated = [name for name in self.columns if names.count(name) > 1]
        if repeated:
            times = names.count(repeated[0])
            raise UserError(f"{self.name}: the table has {times} columns {repeated[0]}; allowed: one of each name")
        return rows.iloc[:, [names.index(name) for name in self.columns]]


def detached(rows: Rows) -> Rows:
    """Return a tensor without its gradient on the CPU, and anything else as it is."""
    return rows.detach().cpu() if isinstance(rows, Tensor) else rows
