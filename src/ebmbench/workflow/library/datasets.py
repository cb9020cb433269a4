"""A data set's splits for one seed, in its own units."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ebmbench.core import plugins
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.data.interface import SPLITS, Dataset, Splits
from ebmbench.workflow.library.units import Units
from ebmbench.workflow.library.whole_numbers import checked_seed

if TYPE_CHECKING:
    import pandas as pd


class LoadedDataset(NamedTuple):
    """The rows of one seed: ``train: (N, D)``, ``val: (N_v, D)``, ``test: (N_t, D)``, in the data set's own units.

    Rounded values have been dequantised, as the facts say. ``dataset``: the plug-in, with ``facts()`` and, for
    synthetic sets, ``sample`` and ``log_prob``; ``splits``: the same rows in the coordinates of models.
    """

    name: str
    seed: int
    train: np.ndarray
    val: np.ndarray
    test: np.ndarray
    units: Units
    dataset: Dataset
    splits: Splits

    @classmethod
    def of(cls, name: str, seed: int, settings: dict[str, Any]) -> LoadedDataset:
        """Load the data set ``name`` with ``settings``, in which a path may be a :class:`~pathlib.Path`.

        Raises :class:`UserError` for an unknown name or setting, and for a seed that is not a whole number from 0 on.
        """
        seed = checked_seed(seed)
        dataset: Dataset = plugins.load_entry("dataset", name, _with_text_paths(settings))
        splits = dataset.splits(seed)
        units = Units(name, dataset.column_names(), dataset.coordinates(seed))
        train, val, test = (units.to_array(getattr(splits, split)) for split in SPLITS)
        return cls(name, seed, train, val, test, units, dataset, splits)

    def __repr__(self) -> str:
        """Return a line with the numbers of rows and columns, without the rows."""
        rows = ", ".join(f"{len(getattr(self, split))} {split}" for split in SPLITS)
        return f"<LoadedDataset {self.name}, seed {self.seed}: {self.units.columns_text}; {rows} rows>"

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns; positions, counted from 0, if they have none."""
        return self.units.columns

    def frame(self, split: str = "train") -> pd.DataFrame:
        """Return the rows of ``split``, train, val or test, as a table with the data set's columns.

        Raises :class:`UserError` for another split.
        """
        import pandas as pd

        if split not in SPLITS:
            raise UserError(f"{self.name}: no split {split}; {allowed_names(split, SPLITS)}")
        return pd.DataFrame(getattr(self, split), columns=list(self.columns))


def _with_text_paths(settings: dict[str, Any]) -> dict[str, Any]:
    """Return ``settings`` with paths as text, as in a configuration."""
    return {key: os.fspath(value) if isinstance(value, os.PathLike) else value for key, value in settings.items()}
