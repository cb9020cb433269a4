"""Exact copies among a table's rows: which rows are identical before noise, how many, and the rows without a copy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor


class RowGroups(NamedTuple):
    """Group of each sample: samples are exact copies of each other, before noise, if their groups are equal.

    ``train: (N,)``, ``val: (N_v,)``, ``test: (N_t,)``, int64.
    """

    train: Tensor
    val: Tensor
    test: Tensor


class CopyCounts(NamedTuple):
    """Numbers of distinct rows in all splits, and of validation and test rows with an exact copy in the training split.

    ``rows``: all rows; ``val_rows`` and ``test_rows``: all of the split.
    """

    rows: int
    distinct: int
    val_rows: int
    val: int
    test_rows: int
    test: int


def group_rows(rows: Tensor) -> Tensor:
    """Number the distinct rows of ``rows: (N, D)`` -> group of each row, ``(N,)`` int64, in lexicographic order.

    Values are compared exactly, so rows must be those of the file, before noise and rounding; 0 and -0 are equal.
    """
    values = rows.numpy()
    # many times faster than rows.unique(dim=0), with the same numbers
    order = np.lexsort(values.T[::-1])
    first = (values[order[1:]] != values[order[:-1]]).any(axis=1)
    groups = np.empty(len(values), dtype=np.int64)
    groups[order] = np.concatenate([[0], np.cumsum(first)])[: len(values)]
    return torch.from_numpy(groups)


def unique_test_rows(groups: RowGroups) -> Tensor:
    """Mark the test rows without a copy in the training split, each distinct row once: ``(N_t,)`` bool."""
    test = groups.test
    order = test.argsort(stable=True)
    ordered = test[order]
    first = torch.ones_like(test, dtype=torch.bool)
    first[order[1:]] = ordered[1:] != ordered[:-1]
    return first & ~torch.isin(test, groups.train)


def count_copies(groups: RowGroups) -> CopyCounts:
    """Count rows, distinct rows, and the validation and test rows with a copy in the training split."""
    everything = torch.cat(groups)
    val, test = (int(torch.isin(part, groups.train).sum()) for part in (groups.val, groups.test))
    return CopyCounts(len(everything), len(everything.unique()), len(groups.val), val, len(groups.test), test)
