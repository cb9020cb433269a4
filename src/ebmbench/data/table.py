"""Base classes of tabular data sets: each seed is a random split, whitened by its training rows."""

from __future__ import annotations

import io
from abc import abstractmethod
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.data import sources
from ebmbench.data.dequantisation import BETWEEN_NEIGHBOURS, Dequantisation
from ebmbench.data.interface import Dataset, Splits
from ebmbench.data.streams import name_of, stream
from ebmbench.data.whitening import Whitening


class Table(Dataset):
    """Table of N rows in D dimensions, of which a tenth each is used for validation and testing.

    A concrete class may have a field ``rows``: the number of rows per seed, drawn at random by the seed.
    """

    rows: PositiveInt | None = None

    def __post_init__(self) -> None:
        check_ranges(self)
        least = 10 * (self.dim + 1)
        if self.rows is not None and self.rows < least:
            raise ValueError(f"rows = {self.rows}; allowed: {least} or more, to whiten {self.dim} columns")

    @abstractmethod
    def all_rows(self) -> Tensor:
        """Return all rows, dequantised but not whitened: ``(N, D)``, float64, the same for every seed."""

    @abstractmethod
    def origin(self) -> dict[str, object]:
        """Return the facts specific to this table."""

    def splits(self, seed: int) -> Splits:
        """Split at random into N - 2 n, n and n rows, n = N // 10; whiten, z = L⁻¹ (x - mean), by the training rows."""
        rows = self._drawn(seed)
        tenth = len(rows) // 10
        train, val, test = rows.split([len(rows) - 2 * tenth, tenth, tenth])
        whitening = Whitening.of(train)
        return Splits(whitening(train).float(), whitening(val).float(), whitening(test).float(), whitening.log_det)

    def facts(self) -> dict[str, object]:
        """Return coordinates, whitening, split and :meth:`origin`."""
        drawn = "" if self.rows is None else f" of {self.rows} randomly chosen rows"
        return {
            "coordinates": "whitened by the training rows",
            "whitening": "z = L^-1 (x - mean), L L' = covariance of the seed's training rows, divided by N",
            "split": f"a random split{drawn} for each seed, 80/10/10",
            **self.origin(),
        }

    def _drawn(self, seed: int) -> Tensor:
        """Draw the seed's rows in random order, without replacement."""
        everything = self._everything
        number = len(everything) if self.rows is None else self.rows
        if number > len(everything):
            raise UserError(
                f"dataset {name_of(self)}: rows = {number}; allowed: at most {len(everything)}, all rows of the table"
            )
        return everything[torch.randperm(len(everything), generator=stream(self, "split", seed))[:number]]

    @cached_property
    def _everything(self) -> Tensor:
        return self.all_rows()


class FileTable(Table):
    """Base class of tables that are read from one file."""

    file: ClassVar[sources.DataFile]
    citation: ClassVar[str]
    licence: ClassVar[str]
    #: number of rows that are exact copies of an earlier row, None if they were not counted
    copies: ClassVar[int | None] = None
    dequantisation: ClassVar[Dequantisation] = BETWEEN_NEIGHBOURS

    @abstractmethod
    def parse(self, content: bytes) -> Tensor:
        """Return the kept rows and columns, ``(N, D)``, float64; raise ``ValueError`` if the file is incomplete."""

    def published(self) -> sources.FileContent[Tensor]:
        """Read the file from the first source that has it, and :meth:`parse` it."""
        return sources.read_source(self.file, name_of(self), self.parse)

    def all_rows(self) -> Tensor:
        """Return the published rows, dequantised with a separate random stream."""
        return self.dequantisation.add(self._published.value, stream(self, "dequantisation"))

    def origin(self) -> dict[str, object]:
        """Return dequantisation, the file's location and sha256, citation, licence and number of duplicate rows."""
        return {
            "dequantisation": self.dequantisation.statement,
            "source": self.file.origin,
            "sha256": self.file.sha256 or self._published.sha256,
            "citation": self.citation,
            "licence": self.licence,
            "copies": _fate_of(self.copies),
        }

    @cached_property
    def _published(self) -> sources.FileContent[Tensor]:
        return self.published()


class CsvTable(FileTable):
    """Base class of tables in a comma-separated file whose last column, a label, is dropped."""

    #: number of lines before the first row
    header: ClassVar[int]

    def parse(self, content: bytes) -> Tensor:
        """Return all columns of the file except the last."""
        import pandas as pd

        table = pd.read_csv(io.BytesIO(content), header=None, skiprows=self.header)
        return torch.tensor(table.iloc[:, :-1].to_numpy(dtype="float64"))


def _fate_of(copies: int | None) -> str:
    if copies is None:
        return "duplicate rows were not counted and are kept"
    return f"{copies} duplicate rows are kept; the added noise makes them distinct"
