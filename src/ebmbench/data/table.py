"""What real tables share: a seed is a random split, and the coordinates are whitened by its train rows."""

from __future__ import annotations

import io
from abc import abstractmethod
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.data import sources
from ebmbench.data.dequantisation import BETWEEN_NEIGHBOURS, Dequantisation
from ebmbench.data.interface import Dataset, Splits
from ebmbench.data.streams import name_of, stream
from ebmbench.data.whitening import Whitening


class Table(Dataset):
    """N rows in D dimensions, of which a tenth each goes to the validation and the test rows.

    A concrete class may have a field ``rows``: so many of the table's rows are a seed's, drawn by it.
    """

    rows: ClassVar[int | None] = None

    def __post_init__(self) -> None:
        least = 10 * (self.dim + 1)
        if self.rows is not None and self.rows < least:
            raise ValueError(f"rows = {self.rows}; at least {least} rows are needed to whiten {self.dim} columns")

    @abstractmethod
    def all_rows(self) -> Tensor:
        """All rows before whitening, dequantised: ``(N, D)``, float64, the same for every seed."""

    @abstractmethod
    def origin(self) -> dict[str, object]:
        """The facts that are this table's own."""

    def splits(self, seed: int) -> Splits:
        """A random split into N - 2 n, n and n rows, n = N // 10; z = L⁻¹ (x - mean) from the train rows."""
        rows = self._drawn(seed)
        tenth = len(rows) // 10
        train, val, test = rows.split([len(rows) - 2 * tenth, tenth, tenth])
        whitening = Whitening.of(train)
        return Splits(*(whitening(part).float() for part in (train, val, test)), whitening.log_det)

    def facts(self) -> dict[str, object]:
        """Coordinates, split, and :meth:`origin`."""
        drawn = "" if self.rows is None else f" of {self.rows} rows that it draws"
        return {
            "coordinates": "whitened by train rows",
            "whitening": "z = L^-1 (x - mean), L L' = covariance of the seed's train rows divided by N",
            "split": f"every seed is its own random split{drawn}, 80/10/10",
            **self.origin(),
        }

    def _drawn(self, seed: int) -> Tensor:
        """The seed's rows in random order, without repetition."""
        everything = self._everything
        number = len(everything) if self.rows is None else self.rows
        if number > len(everything):
            raise UserError(f"dataset {name_of(self)}: rows = {number}; the table has {len(everything)}")
        return everything[torch.randperm(len(everything), generator=stream(self, "split", seed))[:number]]

    @cached_property
    def _everything(self) -> Tensor:
        return self.all_rows()


class FileTable(Table):
    """A table that is read out of one file."""

    file: ClassVar[sources.DataFile]
    citation: ClassVar[str]
    licence: ClassVar[str]
    #: rows that are exact copies of an earlier row, None where they were not counted
    copies: ClassVar[int | None] = None
    dequantisation: ClassVar[Dequantisation] = BETWEEN_NEIGHBOURS

    @abstractmethod
    def parse(self, content: bytes) -> Tensor:
        """The rows and columns that are kept of the file, ``(N, D)``, float64; ``ValueError`` if it is not whole."""

    def published(self) -> sources.FileContent[Tensor]:
        """What :meth:`parse` gives, from the first source that has the file."""
        return sources.read_source(self.file, name_of(self), self.parse)

    def all_rows(self) -> Tensor:
        """The published rows, dequantised with a stream of their own."""
        return self.dequantisation.add(self._published.value, stream(self, "dequantisation"))

    def origin(self) -> dict[str, object]:
        """The file, its sha256, its citation and licence."""
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
    """A table in a comma-separated file whose last column, a label, is dropped."""

    #: lines before the first row
    header: ClassVar[int]

    def parse(self, content: bytes) -> Tensor:
        """The file's columns but the last."""
        import pandas as pd

        table = pd.read_csv(io.BytesIO(content), header=None, skiprows=self.header)
        return torch.tensor(table.iloc[:, :-1].to_numpy(dtype="float64"))


def _fate_of(copies: int | None) -> str:
    if copies is None:
        return "rows that repeat an earlier one were not counted and are kept"
    return f"{copies} rows repeat an earlier one and are kept; the noise sets them apart"
