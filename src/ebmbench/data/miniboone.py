"""MiniBooNE: electron-neutrino events in the MiniBooNE detector."""

from __future__ import annotations

import io
from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.data.dequantisation import NONE
from ebmbench.data.file_tables import FileTable
from ebmbench.data.remotes import Address
from ebmbench.data.sources import DataFile

__all__ = ["Miniboone"]

#: number of variables of an event
COLUMNS = 50

#: an event whose first variable is below this holds the missing-value code, -999, everywhere
MISSING = -100

#: how often a column's minimum may occur
REPEATS = 5


@dataclass(frozen=True)
class Miniboone(FileTable):
    """MiniBooNE signal events, 43 of their 50 variables (Roe et al., 2005).

    The preprocessing follows Papamakarios et al. (2017): events without a measurement and columns whose minimum occurs
    more than 5 times are dropped. (Their code counts only the minimum; a column in which another value repeats is
    kept.) They have 36,488 events, the 36,499 signal events minus 11, so the background is excluded here as well. The
    sha256 of the file is not known: the file is accepted as complete if it has the events that its first line
    announces, and rejected unless exactly 43 columns remain.
    """

    file = DataFile(
        name="MiniBooNE_PID.txt",
        sha256=None,
        remote=Address("https://archive.ics.uci.edu/ml/machine-learning-databases/00199/MiniBooNE_PID.txt"),
    )
    dim = 43
    citation = (
        "B. P. Roe, H.-J. Yang, J. Zhu, Y. Liu, I. Stancu, G. McGregor. Boosted decision trees as an alternative to "
        "artificial neural networks for particle identification. Nuclear Instruments and Methods in Physics Research "
        "A 543, 2005"
    )
    licence = "CC BY 4.0 (UCI Machine Learning Repository, MiniBooNE particle identification)"
    dequantisation = NONE

    def parse(self, content: bytes) -> Tensor:
        """Return the measured signal events, without the columns whose minimum repeats."""
        events = _signal(content)
        measured = events[events[:, 0] >= MISSING]
        if len(measured) == 0:
            raise ValueError("has no event with measurements")
        kept = (measured == measured.min(0).values).sum(0) <= REPEATS
        if kept.sum() != self.dim:
            raise ValueError(
                f"has {kept.sum()} columns whose smallest value occurs at most {REPEATS} times, not {self.dim}"
            )
        return measured[:, kept]


def _signal(content: bytes) -> Tensor:
    """Read the signal events ``(N, COLUMNS)``; the first line counts them and the background events that follow."""
    import pandas as pd

    first, _, rest = content.partition(b"\n")
    announced = first.split()
    if len(announced) != 2 or not all(number.isdigit() for number in announced):
        raise ValueError("does not begin with the numbers of signal and background events")
    signal, background = map(int, announced)
    table = pd.read_csv(io.BytesIO(rest), header=None, sep=r"\s+", dtype="float64")
    if table.shape != (signal + background, COLUMNS) or table.isna().any(axis=None):
        raise ValueError(
            f"has {len(table.dropna())} complete rows of {table.shape[1]} columns; "
            f"its first line declares {signal} + {background} rows, and {COLUMNS} columns are needed"
        )
    return torch.tensor(table.iloc[:signal].to_numpy())
