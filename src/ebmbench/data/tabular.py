"""Base classes of tabular data sets: each seed is a random split, whitened by its training rows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.core.ranges import PositiveInt
from ebmbench.data.columns import ColumnError, check_finite
from ebmbench.data.copies import RowGroups, group_rows
from ebmbench.data.interface import Dataset, Splits
from ebmbench.data.row_splits import RULES, Division, SplitRule
from ebmbench.data.streams import name_of, stream
from ebmbench.data.table_settings import TableSettings
from ebmbench.data.whitening import Whitening

#: fewest rows per column, and once more: 8 in 10 determine the whitening
LEAST = 10


class Table(TableSettings, Dataset):
    """Table of N rows in D dimensions, of which a tenth each is used for validation and testing.

    The setting ``copies`` selects the rule by which the rows are split (:mod:`ebmbench.data.table_settings`). A
    concrete class may have a field ``rows``: the number of rows per seed, drawn at random by the seed.
    """

    rows: PositiveInt | None = None
    #: what to do if the table does not have :attr:`dim` columns
    remedy: ClassVar[str] = "declare the number of columns that the class returns"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rows is not None and self.rows < self._least:
            raise ValueError(f"rows = {self.rows}; allowed: {self._least} or more, to whiten {self.dim} columns")

    @abstractmethod
    def all_rows(self) -> Tensor:
        """Return all rows, dequantised but not whitened: ``(N, D)``, float64, the same for every seed."""

    def raw_rows(self) -> Tensor:
        """Return the rows before noise, ``(N, D)``, in the order of :meth:`all_rows`: equal rows are exact copies.

        Here they are those of :meth:`all_rows`; a table that adds noise there returns its rows without noise.
        """
        return self._everything

    @abstractmethod
    def origin(self) -> dict[str, object]:
        """Return the facts specific to this table."""

    def splits(self, seed: int) -> Splits:
        """Split at random into about N - 2 n, n and n rows, n = N // 10; whiten, z = L⁻¹ (x - mean), by the train rows.

        The setting ``copies`` selects the split. Raises :class:`UserError` if a split would be empty.
        """
        parts, groups = self._parts(seed)
        whitening = self._whitening(parts[0], seed)
        train, val, test = (whitening(part).float() for part in parts)
        return Splits(train, val, test, whitening.log_det, groups=groups)

    def coordinates(self, seed: int) -> Whitening:
        """Return the whitening by the seed's training rows."""
        return self._whitening(self._parts(seed)[0][0], seed)

    def _parts(self, seed: int) -> tuple[tuple[Tensor, ...], RowGroups]:
        """Return the rows of the three splits in the table's own units, and which of them are copies."""
        drawn = self._drawn(seed)
        groups = group_rows(self._raw[drawn])
        order, sizes = self._divide(groups, drawn, seed)
        if not all(sizes):
            raise UserError(
                f"{self._label}: the rows of seed {seed} have only {len(groups.unique())} distinct values, "
                "too few for three splits without common rows; allowed: copies = 'anywhere', or more distinct rows"
            )
        return self._everything[drawn][order].split(sizes), RowGroups(*groups[order].split(sizes))

    def _divide(self, groups: Tensor, drawn: Tensor, seed: int) -> Division:
        """Divide the rows ``drawn: (N,)``, indices into the table, whose groups of copies are ``groups: (N,)``."""
        return self._rule.divide(groups, stream(self, "copies", seed))

    def _whitening(self, train: Tensor, seed: int) -> Whitening:
        with self._column_errors(f", training rows of seed {seed}"):
            return self._rule.whitening.of(train)

    @property
    def scores_unique_rows(self) -> bool:
        """Whether rows repeat and the rule of the split asks for likelihoods of unique rows."""
        return self._rule.scores_unique_rows and self._repeats

    def facts(self) -> dict[str, object]:
        """Return coordinates, whitening, split, what becomes of copies, and :meth:`origin`."""
        drawn = "" if self.rows is None else f" of {self.rows} randomly chosen rows"
        return {
            "coordinates": "whitened by the training rows",
            "whitening": "z = L^-1 (x - mean), L L' = covariance of the seed's training rows, divided by N",
            "split": f"a random split{drawn} for each seed, 80/10/10",
            "copies": self._rule.copies,
            **self.origin(),
        }

    @property
    def _label(self) -> str:
        """What messages call the table."""
        return f"dataset {name_of(self)}"

    @property
    def _rule(self) -> SplitRule:
        return RULES[self.copies]

    def _drawn(self, seed: int) -> Tensor:
        """Draw the indices of the seed's rows in random order, without replacement."""
        available = len(self._everything)
        number = available if self.rows is None else self.rows
        if number > available:
            raise UserError(f"{self._label}: rows = {number}; allowed: at most {available}, all rows of the table")
        return torch.randperm(available, generator=stream(self, "split", seed))[:number]

    @cached_property
    def _repeats(self) -> bool:
        """Whether any row of the table is an exact copy of another."""
        import pandas as pd

        # seconds faster than sorting the rows of a table with millions of them
        return bool(pd.DataFrame(self._raw.numpy()).duplicated().any())

    @cached_property
    def _everything(self) -> Tensor:
        return self._checked(self.all_rows())

    @cached_property
    def _raw(self) -> Tensor:
        raw = self.raw_rows()
        if len(raw) != len(self._everything):
            raise UserError(
                f"{self._label}: raw_rows returns {len(raw)} rows, and all_rows {len(self._everything)}; "
                "allowed: the same rows, without and with noise"
            )
        return raw

    @property
    def _least(self) -> int:
        """Least number of rows."""
        return LEAST * (self.dim + 1)

    def _checked(self, rows: Tensor) -> Tensor:
        """Return the rows; raise :class:`UserError` unless they are finite, enough, and of :attr:`dim` columns."""
        where = self._label
        if rows.ndim != 2 or rows.shape[1] != self.dim:
            found = f"{rows.shape[1]} columns" if rows.ndim == 2 else f"the shape {tuple(rows.shape)}"
            raise UserError(f"{where}: the table has {found}, and dim = {self.dim} is declared; {self.remedy}")
        if len(rows) < self._least:
            raise UserError(
                f"{where}: the table has {len(rows)} rows; allowed: {self._least} or more, to whiten {self.dim} columns"
            )
        with self._column_errors():
            check_finite(rows)
        return rows

    @contextmanager
    def _column_errors(self, where: str = "") -> Iterator[None]:
        """Turn a :class:`ColumnError` into a :class:`UserError` that names the data set and the columns."""
        try:
            yield
        except ColumnError as error:
            line = error.line(self.column_names().__getitem__)
            raise UserError(f"{self._label}{where}: {line}") from error
