"""Simulated collisions that make a heavy particle."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.data.dequantisation import NONE
from ebmbench.data.remotes import Address
from ebmbench.data.sources import DataFile
from ebmbench.data.table import FileTable

__all__ = ["Hepmass"]

#: events that are read, a tenth of upstream's
EVENTS = 700_000

#: the label and 27 features
COLUMNS = 28

#: the label, the number of jets and the b-tag of each of four jets: not continuous
DROPPED = (0, 6, 10, 14, 18, 22)

GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Hepmass(FileTable):
    """Signal events among the first 700,000 of HEPMASS's set of mass 1000, 22 features each (Baldi et al., 2016).

    The file is ``1000_train.csv``, gzipped or not: upstream's, with 7,000,000 events, or its first tenth, with which
    Papamakarios et al. (2017) worked. Events of class 1 are kept. Of the 27 features, the five counts are dropped,
    which leaves the 22 of Wenliang et al. (2019); the code of Papamakarios et al. drops one more, in which the least
    value repeats. The test file is not read: test rows are split off as in any table. The sha256 of the file is not
    known: it is taken as whole if it has the events.

    ``rows``: so many events are a seed's, drawn by it; None takes all.
    """

    rows: int | None = None

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
        """Class 1 of the first :data:`EVENTS` events, without the columns :data:`DROPPED`."""
        events = _events(content)
        signal = events[events[:, 0] == 1]
        return signal[:, [column for column in range(COLUMNS) if column not in DROPPED]]


def _events(content: bytes) -> Tensor:
    """``(EVENTS, COLUMNS)``; raises ``ValueError`` where the file has not so many."""
    import pandas as pd

    form = {"header": None, "skiprows": 1, "nrows": EVENTS, "dtype": "float64"}
    try:
        table = pd.read_csv(io.BytesIO(content), compression="gzip" if content.startswith(GZIP) else None, **form)
    except (EOFError, OSError, zlib.error) as error:
        raise ValueError(f"is not a whole gzip file: {error}") from error
    if table.shape != (EVENTS, COLUMNS) or table.isna().any(axis=None):
        raise ValueError(
            f"has {len(table.dropna())} whole rows of {table.shape[1]} columns; "
            f"at least {EVENTS} rows of {COLUMNS} (the label and 27 features) are needed"
        )
    return torch.tensor(table.to_numpy())
