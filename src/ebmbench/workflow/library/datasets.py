"""A data set's splits for one seed, in its own units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ebmbench.core import plugins
from ebmbench.data.interface import SPLITS, Dataset, Splits
from ebmbench.workflow.library.units import Units

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
        """Load the data set ``name`` with ``settings``; raise :class:`UserError` for an unknown name or setting."""
        dataset: Dataset = plugins.load_entry("dataset", name, settings)
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
        """Return the rows of ``split``, train, val or test, as a table with the data set's columns."""
        import pandas as pd

        return pd.DataFrame(getattr(self, split), columns=list(self.columns))
