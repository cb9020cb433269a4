"""A table of the user's own, from a file that the configuration names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from ebmbench.core.local_files import LocalFile
from ebmbench.data.columns import covariance_factor
from ebmbench.data.own_files.paths import check_paths
from ebmbench.data.own_files.refusal import problems_of
from ebmbench.data.own_table.keys import number_groups, rank_by_time
from ebmbench.data.own_table.lattice import add_steps, repeating_steps
from ebmbench.data.own_table.loading import Part, Reading, join_parts, read_part
from ebmbench.data.own_table.splitting import GivenSplit, GroupSplit, RandomSplit, Splitting, TimeSplit
from ebmbench.data.own_table.text import TextForm
from ebmbench.data.row_splits import RULES, Division, split_sizes
from ebmbench.data.streams import stream
from ebmbench.data.tabular import LEAST, Table

__all__ = ["OwnTable"]

#: one name, or several
Names = str | tuple[str, ...]


@dataclass(frozen=True)
class OwnTable(Table):
    """A table of the user's own, whitened: ``datasets: {mine: {kind: table, path: data/mine.csv}}``.

    ``path``: a file ``.csv``, ``.tsv``, ``.parquet``, ``.npy`` or ``.npz``, relative to the working folder. In its
    place ``train_path``, ``val_path`` and ``test_path`` give the splits. ``columns``: those to model, all by default;
    ``drop``: those to leave out. ``separator`` and ``decimal``: the signs of text files. ``missing: drop`` leaves out
    rows with missing values, ``categories: drop`` columns of text. ``group``: a column whose equal values stay in one
    split; ``time``: a column of which the last rows are test rows and those before validation rows; neither is
    modelled. ``dequantise: auto`` adds uniform noise of one lattice step to columns of rounded values that repeat.
    """

    path: str | None = None
    train_path: str | None = None
    val_path: str | None = None
    test_path: str | None = None
    columns: Names = ()
    drop: Names = ()
    separator: Literal[",", ";", "\t", "|", " "] | None = None
    decimal: Literal[".", ","] = "."
    missing: Literal["error", "drop"] = "error"
    categories: Literal["error", "drop"] = "error"
    group: str | None = None
    time: str | None = None
    dequantise: Literal["auto", "none"] = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        given = self._given_paths
        check_paths(self.path, given, list(given), "train_path, val_path and test_path")
        keys = [name for name, column in self._apart.items() if column]
        if len(keys) > 1 or (keys and self.path is None):
            others = "group, time" if self.path else f"{keys[0]}, train_path"
            raise ValueError(f"{others}: each decides the split; allowed: one of group, time and given splits")
        if self.separator == self.decimal:
            raise ValueError(f"separator = decimal = {self.decimal!r}; allowed: two different signs")

    @property
    def dim(self) -> int:  # type: ignore[override]
        """Number of modelled columns."""
        return self._everything_read.values.shape[1]

    def column_names(self) -> Sequence[str]:
        """Return the modelled columns."""
        return list(self._everything_read.values.columns)

    def raw_rows(self) -> Tensor:
        """Return the complete rows of the files, without noise."""
        return self._values

    def all_rows(self) -> Tensor:
        """Return the rows with the noise of dequantised columns, the same for all seeds."""
        rows = self._checked(self._values)
        if not self._steps.any():
            return rows
        with self._column_errors():
            # the noise would hide it: a copy of a column would have a density
            covariance_factor(rows)
        return add_steps(rows, self._steps, stream(self, "dequantisation"))

    def check_source(self) -> None:
        """Read, check and split the files, for some columns cannot split rows."""
        self.splits(0)

    def files(self) -> tuple[LocalFile, ...]:
        """Return the files."""
        return tuple(part.file for part in self._parts_read)

    def origin(self) -> dict[str, object]:
        """Return the files with their sha256, and what was left out of them and added to them."""
        return {
            "split": self._splitting.statement,
            "copies": self._splitting.copies,
            "rows": self._rows_statement,
            "columns": self._columns_statement,
            "dequantisation": self._noise_statement,
            "source": ", ".join(self._paths),
            "sha256": ", ".join(file.sha256 for file in self.files()),
        }

    def _divide(self, groups: Tensor, drawn: Tensor, seed: int) -> Division:
        with problems_of(self._label):
            return self._splitting.divide(groups, drawn, stream(self, "copies", seed))

    @property
    def _label(self) -> str:
        return ", ".join(self._paths)

    @property
    def _given_paths(self) -> dict[str, str | None]:
        return {"train_path": self.train_path, "val_path": self.val_path, "test_path": self.test_path}

    @property
    def _paths(self) -> list[str]:
        """The files, train, validation and test if there are three."""
        return [path for path in (self.path, *self._given_paths.values()) if path]

    @property
    def _apart(self) -> dict[str, str | None]:
        """The settings that name a column by which rows are split."""
        return {"group": self.group, "time": self.time}

    @cached_property
    def _parts_read(self) -> list[Part]:
        apart = {setting: column for setting, column in self._apart.items() if column is not None}
        form = TextForm(self.separator, self.decimal)
        reading = Reading(form, _listed(self.columns), _listed(self.drop), apart, self.missing, self.categories)
        return [read_part(Path(path), reading) for path in self._paths]

    @cached_property
    def _everything_read(self) -> Part:
        paths = list(map(Path, self._paths))
        least = [LEAST] if self.path else split_sizes(LEAST)
        return join_parts(paths, self._parts_read, _listed(self.columns), least)

    @cached_property
    def _values(self) -> Tensor:
        return torch.tensor(self._everything_read.values.to_numpy())

    @cached_property
    def _splitting(self) -> Splitting:
        apart = self._everything_read.apart
        if self.path is None:
            train, val, test = (len(part.values) for part in self._parts_read)
            return GivenSplit((train, val, test))
        if self.time is not None:
            with problems_of(self._label):
                return TimeSplit(self.time, rank_by_time(apart[self.time]))
        if self.group is not None:
            together = self._rule is RULES["together"]
            return GroupSplit(self.group, number_groups(apart[self.group]), together, self._rule.copies)
        return RandomSplit(self._rule)

    @cached_property
    def _steps(self) -> Tensor:
        """The lattice step of each dequantised column, 0 for the others."""
        return repeating_steps(self._values) if self.dequantise == "auto" else torch.zeros(self.dim).double()

    @property
    def _rows_statement(self) -> str:
        left = self._everything_read.rows - len(self._values)
        return f"{len(self._values):,}" + (f"; {left:,} with missing values were left out" if left else "")

    @property
    def _columns_statement(self) -> str:
        left = [f"{name} ({why})" for name, why in self._everything_read.left_out.items()]
        return f"{self.dim} modelled" + (f"; left out: {', '.join(left)}" if left else "")

    @property
    def _noise_statement(self) -> str:
        steps = zip(self.column_names(), self._steps.tolist(), strict=True)
        listed = [f"{name} {step:g}" for name, step in steps if step]
        noise = "U(-1/2, 1/2) times the lattice step, drawn once for all seeds: "
        return noise + ", ".join(listed) if listed else "none"


def _listed(names: Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
