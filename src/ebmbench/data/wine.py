"""Base class of the two wine quality tables (Cortez et al., 2009)."""

from __future__ import annotations

from ebmbench.data.file_tables import CsvTable
from ebmbench.data.remotes import Package
from ebmbench.data.sources import DataFile

PACKAGE = Package(
    project="unipy",
    version="0.1.27",
    wheel="unipy-0.1.27-py3-none-any.whl",
    sha256="2d25f11bbae34bd2edb1672b9439e644267aed02c84525f601867deb146ac21b",
)


class Wine(CsvTable):
    """Eleven physicochemical measurements per wine; the quality grade is dropped."""

    columns = (
        "fixed_acidity",
        "volatile_acidity",
        "citric_acid",
        "residual_sugar",
        "chlorides",
        "free_sulfur_dioxide",
        "total_sulfur_dioxide",
        "density",
        "pH",
        "sulphates",
        "alcohol",
    )
    citation = (
        "P. Cortez, A. Cerdeira, F. Almeida, T. Matos, J. Reis. Modeling wine preferences by data mining from "
        "physicochemical properties. Decision Support Systems 47(4), 2009"
    )
    licence = "CC BY 4.0 (UCI Machine Learning Repository, Wine Quality)"


def wine_file(colour: str, sha256: str) -> DataFile:
    """Return the file of one colour inside the package."""
    name = f"winequality-{colour}.csv"
    return DataFile(name, sha256, PACKAGE, ("unipy/dataset/resources.tar.gz", f"winequality_{colour}/{name}"))
