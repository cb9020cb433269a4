"""HEPMASS: simulated particle collisions that produce a heavy particle."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveInt
from ebmbench.data.dequantisation import NONE
from ebmbench.data.file_tables import FileTable
from ebmbench.data.remotes import Address
from ebmbench.data.sources import DataFile

__all__ = ["Hepmass"]

#: number of events that are read, a tenth of the published file
EVENTS = 700_000

#: the label and 27 features
COLUMNS = 28

#: columns that are not continuous: the label, the number of jets and the b-tag of each of four jets
DROPPED = (0, 6, 10, 14, 18, 22)

GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Hepmass(FileTable):
    """HEPMASS signal events among the first 700,000 of the set with mass 1000, 22 features each (Baldi et al., 2016).

    The file is ``1000_train.csv``, gzipped or not: the published one, with 7,000,000 events, or its first tenth, which
    Papamakarios et al. (2017) used. Only events of class 1 are kept. Of the 27 features, the five counts are dropped,
    which leaves the 22 of Wenliang et al. (2019); the code of Papamakarios et al. drops one more, whose minimum
    repeats. The published test file is not read: test rows are split off as in any table. The sha256 of the file is
    not known: the file is accepted as complete if it has enough events.

    ``rows``: number of events per seed, drawn at random by the seed; None takes all.
    """

    rows: PositiveInt | None = None

    file = DataFile(
        name="1000_train.csv",
        sha256=None,
        remote=Address("https://archive.ics.uci.edu/ml/machine-learning-databases/00347/1000_train.csv.gz"),
    )
    dim = 22
    citation = (
        "P. Baldi, K. Cranmer, T. Faucett, P. Sadowski, D. Whiteson. Parameterized neural networks for high-energy "
        "physics. European Physical Journal C 76, 2016"
    )
    licence = "CC BY 4.0 (UCI Machine Learning Repository, HEPMASS)"
    dequantisation = NONE

    def parse(self, content: bytes) -> Tensor:
        """Return class 1 of the first :data:`EVENTS` events, without the columns :data:`DROPPED`."""
        events = _events(content)
        signal = events[events[:, 0] == 1]
        return signal[:, [column for column in range(COLUMNS) if column not in DROPPED]]


def _events(content: bytes) -> Tensor:
    """Read the events ``(EVENTS, COLUMNS)``; raise ``ValueError`` if the file has fewer."""
    import pandas as pd

    form = {"header": None, "skiprows": 1, "nrows": EVENTS, "dtype": "float64"}
    try:
        table = pd.read_csv(io.BytesIO(content), compression="gzip" if content.startswith(GZIP) else None, **form)
    except (EOFError, OSError, zlib.error) as error:
        raise ValueError(f"is not a complete gzip file: {error}") from error
    if table.shape != (EVENTS, COLUMNS) or table.isna().any(axis=None):
        raise ValueError(
            f"has {len(table.dropna())} complete rows of {table.shape[1]} columns; "
            f"at least {EVENTS} rows of {COLUMNS} columns (the label and 27 features) are needed"
        )
    return torch.tensor(table.to_numpy())
