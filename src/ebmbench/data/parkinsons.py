"""Parkinsons: measures of voice recordings of people with Parkinson's disease."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ebmbench.data.correlation import without_near_copies
from ebmbench.data.file_tables import FileTable
from ebmbench.data.remotes import Address
from ebmbench.data.sources import DataFile

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Parkinsons"]

#: number of leading columns, subject, age and sex, that are not measurements of a recording
PERSONAL = 3

#: |correlation| above which one of two columns is dropped
LIMIT = 0.98


@dataclass(frozen=True)
class Parkinsons(FileTable):
    """Parkinsons: 5,875 voice recordings of 42 people; time, two scores and 12 measures (Tsanas et al., 2010).

    Subject, age and sex are dropped, and of the other 19 columns those that nearly duplicate a later one, as in
    Wenliang et al. (2019). Several recordings of one day share their time and scores, and most measures have few
    digits, so the table is dequantised like the wines.
    """

    file = DataFile(
        name="parkinsons_updrs.csv",
        sha256="f2c7d5025dec4e92e7feae367a5f7ccf58789a10ac6b54bdf15976c599f9dd39",
        remote=Address(
            "https://archive.ics.uci.edu/ml/machine-learning-databases/parkinsons/telemonitoring/parkinsons_updrs.data"
        ),
    )
    dim = 15
    citation = (
        "A. Tsanas, M. A. Little, P. E. McSharry, L. O. Ramig. Accurate telemonitoring of Parkinson's disease "
        "progression by noninvasive speech tests. IEEE Transactions on Biomedical Engineering 57(4), 2010"
    )
    licence = "CC BY 4.0 (UCI Machine Learning Repository, Parkinsons Telemonitoring)"

    def parse(self, content: bytes) -> Tensor:
        """Return the columns that are kept."""
        import pandas as pd

        return values_of(kept_columns(pd.read_csv(io.BytesIO(content))))


def kept_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Drop the personal columns and columns that nearly duplicate a later one from the published table."""
    measured = table.iloc[:, PERSONAL:]
    return measured.iloc[:, without_near_copies(values_of(measured), LIMIT)]


def values_of(table: pd.DataFrame) -> Tensor:
    """Convert the table to a tensor ``(N, D)``, float64."""
    return torch.tensor(table.to_numpy(dtype="float64"))
