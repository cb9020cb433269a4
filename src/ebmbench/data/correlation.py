"""Removal of nearly duplicate (highly correlated) columns."""

from __future__ import annotations

import torch
from torch import Tensor


def without_near_copies(rows: Tensor, limit: float) -> list[int]:
    """Return the indices of the columns of ``rows: (N, D)`` that remain after near duplicates are dropped one by one.

    While two columns have |correlation| > ``limit``, the first column in such a pair is dropped. Its partners come
    after it and are still present, so a column is dropped if and only if its |correlation| with a later one exceeds
    ``limit``.
    """
    correlated = torch.corrcoef(rows.T).abs() > limit
    return (~correlated.triu(diagonal=1).any(1)).nonzero().flatten().tolist()
