"""Ways to split the rows of a user's own table: at random, by time, or as given in three files."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from ebmbench.data.own_files.refusal import RefusedFileError, counted
from ebmbench.data.row_splits import Division, SplitRule, divide_groups, split_sizes


class Splitting(Protocol):
    """How rows are split: ``statement`` for a reader; ``copies``: what becomes of identical rows."""

    @property
    def statement(self) -> str:
        """The split in words."""
        ...

    @property
    def copies(self) -> str:
        """What becomes of identical rows, in words."""
        ...

    def divide(self, copies: Tensor, rows: Tensor, generator: torch.Generator) -> Division:
        """Divide ``rows``, indices into the table, ``(N,)``, whose groups of identical rows are ``copies: (N,)``."""
        ...


class RandomSplit(NamedTuple):
    """A random split for each seed by the rule of the setting ``copies``."""

    rule: SplitRule
    statement: str = "a random split for each seed, 80/10/10"

    @property
    def copies(self) -> str:
        """What the rule does to identical rows."""
        return self.rule.copies

    def divide(self, copies: Tensor, rows: Tensor, generator: torch.Generator) -> Division:
        """Divide by the rule."""
        return self.rule.divide(copies, generator)


class GroupSplit(NamedTuple):
    """A random split for each seed in which rows with one value of ``column`` are in one split.

    ``groups: (N,)``: the value of each row of the table, numbered; ``together``: whether identical rows of several
    groups join these.
    """

    column: str
    groups: Tensor
    together: bool
    copies: str

    @property
    def statement(self) -> str:
        """The split in words."""
        return f"a random split for each seed, about 80/10/10; rows with the same {self.column} are in one split"

    def divide(self, copies: Tensor, rows: Tensor, generator: torch.Generator) -> Division:
        """Divide whole groups at random."""
        groups = self.groups[rows]
        found = divide_groups(join_groups(groups, copies) if self.together else groups, generator)
        if not all(found.sizes):
            raise RefusedFileError(
                f"group: the rows of {self.column} form {counted(len(groups.unique()), 'group')}, too few or too "
                "large for three splits; allowed: a column with more values, time, or train_path, val_path and "
                "test_path"
            )
        return found


class TimeSplit(NamedTuple):
    """The last tenth of the rows by ``column`` is tested, the tenth before is for validation; the same for all seeds.

    ``rank: (N,)``: the place of each row of the table in the order of time, equal times in the order of the file.
    """

    column: str
    rank: Tensor

    @property
    def statement(self) -> str:
        """The split in words."""
        return f"by {self.column}, the same for every seed: the last tenth is test, the tenth before validation"

    @property
    def copies(self) -> str:
        """Identical rows follow their times."""
        return "identical rows are split by their times: a test row may have a copy in train"

    def divide(self, copies: Tensor, rows: Tensor, generator: torch.Generator) -> Division:
        """Order the rows by time."""
        return Division(self.rank[rows].argsort(), split_sizes(len(rows)))


class GivenSplit(NamedTuple):
    """The splits of three files, which follow one another in the table; the same for every seed."""

    sizes: tuple[int, int, int]

    @property
    def statement(self) -> str:
        """The split in words."""
        return f"the given files, the same for every seed: {' / '.join(f'{size:,}' for size in self.sizes)} rows"

    @property
    def copies(self) -> str:
        """Identical rows stay in their files."""
        return "identical rows stay in their files: a test row may have a copy in train"

    def divide(self, copies: Tensor, rows: Tensor, generator: torch.Generator) -> Division:
        """Order the rows as in the files."""
        return Division(rows.argsort(), list(self.sizes))


def join_groups(one: Tensor, other: Tensor) -> Tensor:
    """Number the finest groups of N rows that contain the groups ``one: (N,)`` and ``other: (N,)`` whole: ``(N,)``."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    first, second = one.numpy(), other.numpy() + int(one.max()) + 1
    size = int(second.max()) + 1
    edges = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(size, size))
    labels = connected_components(edges, directed=False)[1][first]
    return torch.from_numpy(np.unique(labels, return_inverse=True)[1])
