"""What real tables share: a seed is a random split, and the coordinates are whitened by its train rows."""

from __future__ import annotations

import io
from abc import abstractmethod
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.data import sources
from ebmbench.data.base import Dataset, Splits
from ebmbench.data.dequantisation import between_neighbours
from ebmbench.data.streams import name_of, stream
from ebmbench.data.whitening import Whitening


class Table(Dataset):
    """N rows in D dimensions, of which a tenth each goes to the validation and the test rows."""

    @abstractmethod
    def rows(self) -> Tensor:
        """All rows before whitening, dequantised: ``(N, D)``, float64, the same for every seed."""

    @abstractmethod
    def origin(self) -> dict[str, object]:
        """The facts that are this table's own."""

    def splits(self, seed: int) -> Splits:
        """A random split into N - 2 n, n and n rows, n = N // 10; z = L⁻¹ (x - mean) from the train rows."""
        rows = self._rows
        shuffled = rows[torch.randperm(len(rows), generator=stream(self, "split", seed))]
        tenth = len(rows) // 10
        train, val, test = shuffled.split([len(rows) - 2 * tenth, tenth, tenth])
        whitening = Whitening.of(train)
        return Splits(*(whitening(part).float() for part in (train, val, test)), whitening.log_det)

    def facts(self) -> dict[str, object]:
        """Coordinates, split, and :meth:`origin`."""
        return {
            "coordinates": "whitened by train rows",
            "whitening": "z = L^-1 (x - mean), L L' = covariance of the seed's train rows divided by N",
            "split": "every seed is its own random split, 80/10/10",
            **self.origin(),
        }

    @cached_property
    def _rows(self) -> Tensor:
        return self.rows()


class CsvTable(Table):
    """A table in a comma-separated file whose last column, a label, is dropped."""

    file: ClassVar[sources.DataFile]
    #: lines before the first row
    header: ClassVar[int]
    citation: ClassVar[str]
    licence: ClassVar[str]
    #: rows that are exact copies of an earlier row
    copies: ClassVar[int]

    def rows(self) -> Tensor:
        """The file's columns but the last, dequantised with a stream of their own."""
        import pandas as pd

        content = sources.read(self.file, name_of(self))
        table = pd.read_csv(io.BytesIO(content), header=None, skiprows=self.header)
        values = torch.tensor(table.iloc[:, :-1].to_numpy(dtype="float64"))
        return between_neighbours(values, stream(self, "dequantisation"))

    def origin(self) -> dict[str, object]:
        """The file, its sha256, its citation and licence."""
        return {
            "dequantisation": "U(-1, 1) times the column's median gap, drawn once for all seeds",
            "source": self.file.origin,
            "sha256": self.file.sha256,
            "citation": self.citation,
            "licence": self.licence,
            "copies": f"{self.copies} rows repeat an earlier one and are kept; the noise sets them apart",
        }
