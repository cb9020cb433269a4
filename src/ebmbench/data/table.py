"""Base classes of tabular data sets: each seed is a random split, whitened by its training rows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.core.local_files import LocalFile
from ebmbench.core.ranges import PositiveInt
from ebmbench.data import csv_columns, sources
from ebmbench.data.columns import ColumnError, check_finite
from ebmbench.data.copies import RowGroups, group_rows
from ebmbench.data.dequantisation import BETWEEN_NEIGHBOURS, Dequantisation
from ebmbench.data.interface import Dataset, Splits
from ebmbench.data.row_splits import RULES, SplitRule
from ebmbench.data.streams import name_of, stream
from ebmbench.data.table_settings import TableSettings
from ebmbench.data.whitening import Whitening


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
        order, sizes = self._rule.divide(groups, stream(self, "copies", seed))
        if not all(sizes):
            raise UserError(
                f"dataset {name_of(self)}: the rows of seed {seed} have only {len(groups.unique())} distinct values, "
                "too few for three splits without common rows; allowed: copies = 'anywhere', or more distinct rows"
            )
        return self._everything[drawn][order].split(sizes), RowGroups(*groups[order].split(sizes))

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
    def _rule(self) -> SplitRule:
        return RULES[self.copies]

    def _drawn(self, seed: int) -> Tensor:
        """Draw the indices of the seed's rows in random order, without replacement."""
        available = len(self._everything)
        number = available if self.rows is None else self.rows
        if number > available:
            raise UserError(
                f"dataset {name_of(self)}: rows = {number}; allowed: at most {available}, all rows of the table"
            )
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
                f"dataset {name_of(self)}: raw_rows returns {len(raw)} rows, and all_rows {len(self._everything)}; "
                "allowed: the same rows, without and with noise"
            )
        return raw

    @property
    def _least(self) -> int:
        """Least number of rows, of which 8 in 10 determine the whitening."""
        return 10 * (self.dim + 1)

    def _checked(self, rows: Tensor) -> Tensor:
        """Return the rows; raise :class:`UserError` unless they are finite, enough, and of :attr:`dim` columns."""
        where = f"dataset {name_of(self)}"
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
            raise UserError(f"dataset {name_of(self)}{where}: {line}") from error


class FileTable(Table):
    """Base class of tables that are read from one file."""

    file: ClassVar[sources.DataFile]
    citation: ClassVar[str] = "not stated"
    licence: ClassVar[str] = "not stated"
    dequantisation: ClassVar[Dequantisation] = BETWEEN_NEIGHBOURS

    @abstractmethod
    def parse(self, content: bytes) -> Tensor:
        """Return the kept rows and columns, ``(N, D)``, float64; raise ``ValueError`` if the file is incomplete."""

    def published(self) -> sources.FileContent[Tensor]:
        """Read the file from the first source that has it, and :meth:`parse` it."""
        return sources.read_source(self.file, name_of(self), self.parse)

    def all_rows(self) -> Tensor:
        """Return the published rows, dequantised with a separate random stream."""
        published = self._checked(self._published.value)
        with self._column_errors():
            return self.dequantisation.add(published, stream(self, "dequantisation"))

    def raw_rows(self) -> Tensor:
        """Return the published rows, without noise."""
        return self._published.value

    def files(self) -> tuple[LocalFile, ...]:
        """Return the file if it was read from a local one."""
        return self._published.files

    def origin(self) -> dict[str, object]:
        """Return dequantisation, the file's location and sha256, citation and licence."""
        return {
            "dequantisation": self.dequantisation.statement,
            "source": self.file.origin,
            "sha256": self.file.sha256 or self._published.sha256,
            "citation": self.citation,
            "licence": self.licence,
        }

    @cached_property
    def _published(self) -> sources.FileContent[Tensor]:
        return self.published()


class CsvTable(FileTable):
    """Base class of tables in a text file with separated columns, of which :attr:`columns` are kept.

    A concrete class declares ``file`` and ``columns``; :attr:`dim` is the number of columns unless it is declared, too.
    """

    #: the columns that are kept, in this order: names in the header, or positions in the file, counted from 0
    columns: ClassVar[Sequence[str] | Sequence[int]] = ()
    #: number of lines before the first row; the last of them names the columns
    header: ClassVar[int] = 1
    #: the signs between two columns and before decimals
    separator: ClassVar[str] = ","
    decimal: ClassVar[str] = "."
    remedy = "list the columns to keep in `columns`, and leave dim out: it is their number"

    def __init_subclass__(cls) -> None:
        """Declare the number of columns as the dimension, unless the class declares one."""
        super().__init_subclass__()
        if "columns" in cls.__dict__ and "dim" not in cls.__dict__:
            cls.dim = len(cls.columns)

    def parse(self, content: bytes) -> Tensor:
        """Return the columns that are kept, missing values as NaN."""
        form = csv_columns.Form(self.header, self.separator, self.decimal)
        return csv_columns.read_columns(content, self.columns, form)

    def column_names(self) -> Sequence[str]:
        """Return the columns as they are declared."""
        return [str(column) for column in self.columns]
