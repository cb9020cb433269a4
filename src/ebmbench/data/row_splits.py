"""Random splits of a table's rows into training, validation and test rows, with or without regard to exact copies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from ebmbench.data.fixed_order import FixedOrderWhitening
from ebmbench.data.whitening import Whitening

#: of the rows, one in this many is used for validation, and as many for testing
PART = 10

TRAIN, VAL, TEST = range(3)


class Division(NamedTuple):
    """Order of the rows, ``(N,)`` int64, in which training rows come first, then validation and test rows; sizes."""

    order: Tensor
    sizes: list[int]


class SplitRule(NamedTuple):
    """How a table is split and whitened.

    ``divide`` maps the groups of the rows, which are in random order, and a generator to a :class:`Division`;
    ``scores_unique_rows``: whether likelihoods of unique rows are scored, too; ``copies`` and ``drawn`` are for facts.
    """

    divide: Callable[[Tensor, Generator], Division]
    whitening: type[Whitening]
    scores_unique_rows: bool
    copies: str


def divide_rows(groups: Tensor, generator: Generator) -> Division:
    """Divide N rows in random order into the first N - 2 n, the next n and the last n, n = N // 10."""
    return Division(torch.arange(len(groups)), split_sizes(len(groups)))


def divide_groups(groups: Tensor, generator: Generator) -> Division:
    """Divide N rows so that each of the ``groups: (N,)`` is in one split of about N - 2 n, n or n rows, n = N // 10.

    Groups are taken in random order, whatever their size. Each goes to the test rows if it fits, else to the validation
    rows if it fits, else to the training rows. Both splits have exactly n rows unless every group outside the two is
    larger than the number of rows that are missing. Within a split, rows keep their order.
    """
    _, _, wanted = split_sizes(len(groups))
    sides = sides_of_groups(groups, {TEST: wanted, VAL: wanted}, generator)
    return Division(sides.argsort(stable=True), sides.bincount(minlength=3).tolist())


def sides_of_groups(groups: Tensor, wanted: Mapping[int, int], generator: Generator) -> Tensor:
    """Return the split of each of N rows, ``(N,)`` int64, such that each of the ``groups: (N,)`` is in one split.

    ``wanted``: validation or test split -> its number of rows. Groups are taken in random order. Each goes to the first
    of these splits that it fits into, else to the training rows.
    """
    counts = groups.bincount().tolist()
    missing = dict(wanted)
    side_of = [TRAIN] * len(counts)
    for group in torch.randperm(len(counts), generator=generator).tolist():
        side = next((side for side, free in missing.items() if counts[group] <= free), TRAIN)
        side_of[group] = side
        if side in missing:
            missing[side] -= counts[group]
    return torch.tensor(side_of)[groups]


def split_sizes(number: int) -> list[int]:
    """Return the numbers of training, validation and test rows."""
    part = number // PART
    return [number - 2 * part, part, part]


#: setting ``copies`` of a table -> its rule. Rows that are split ``anywhere`` are whitened by matrix products, whose
#: last digit depends on the processor, so that older runs with that setting can be repeated
RULES = {
    "anywhere": SplitRule(
        divide_rows,
        Whitening,
        scores_unique_rows=False,
        copies="identical rows are split like any others: a test row may have a copy in train",
    ),
    "together": SplitRule(
        divide_groups,
        FixedOrderWhitening,
        scores_unique_rows=True,
        copies="identical rows are in the same split: no test row has a copy in train",
    ),
}
