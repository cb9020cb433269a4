"""Base classes of tables that are read from one file with a declared name and form."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

from torch import Tensor

from ebmbench.core.local_files import LocalFile
from ebmbench.data import csv_columns, sources
from ebmbench.data.dequantisation import BETWEEN_NEIGHBOURS, Dequantisation
from ebmbench.data.streams import name_of, stream
from ebmbench.data.tabular import Table


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
