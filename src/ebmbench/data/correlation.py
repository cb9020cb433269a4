"""Columns that others nearly repeat."""

from __future__ import annotations

import torch
from torch import Tensor


def without_near_copies(rows: Tensor, limit: float) -> list[int]:
    """Indices of the columns of ``rows: (N, D)`` that stay when near copies are dropped one by one.

    As long as two columns have |correlation| > ``limit``, the first column that is in such a pair is dropped. Its
    partners come after it and are still there, so a column is dropped if and only if it correlates so with a later one.
    """
    correlated = torch.corrcoef(rows.T).abs() > limit
    return (~correlated.triu(diagonal=1).any(1)).nonzero().flatten().tolist()
