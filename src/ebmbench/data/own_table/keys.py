"""Columns by which rows are split: places in time, and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ebmbench.data.own_files.refusal import RefusedFileError

if TYPE_CHECKING:
    import pandas as pd


def rank_by_time(column: pd.Series) -> Tensor:
    """Return the place of each row in the order of a column of numbers or dates, ``(N,)``; equal ones stay in order.

    Raises :class:`RefusedFileError` for text that is no date as ISO 8601 writes it.
    """
    import pandas as pd

    times = column
    if not (pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype)):
        times = pd.to_datetime(column, format="ISO8601", utc=True, errors="coerce")
        wrong = times.isna().to_numpy()
        if wrong.any():
            row = int(wrong.argmax())
            raise RefusedFileError(
                f"time: the column {column.name} has {str(column.iloc[row])[:40]!r} in row {column.index[row] + 1}, "
                "which is no date; allowed: numbers, or dates such as 2024-12-31 or 2024-12-31 23:59"
            )
    if times.nunique() == 1:
        raise RefusedFileError(f"time: the column {column.name} has one value in all rows; allowed: times that differ")
    return torch.from_numpy(np.argsort(np.argsort(times.to_numpy(), kind="stable"), kind="stable"))


def number_groups(column: pd.Series) -> Tensor:
    """Number the distinct values of a column: the group of each row, ``(N,)`` int64."""
    import pandas as pd

    return torch.from_numpy(pd.factorize(column.astype(str))[0].astype(np.int64))
