"""One experiment of its own: its tables as csv, and its figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ebmbench import plugins
from ebmbench.figures.nearsightedness import nearsightedness
from ebmbench.figures.stabilisation import stabilisation
from ebmbench.files import write_csv
from ebmbench.seeds import generator

FIGURES: dict[str, Callable[[Mapping[str, pd.DataFrame], Path], None]] = {
    "nearsightedness": nearsightedness,
    "stabilisation": stabilisation,
}


def write(name: str, settings: Mapping[str, Any], out: Path) -> None:
    """{table}.csv of every table of the experiment ``name``, and figure.png, .pdf and .csv, in the folder ``out``."""
    tables = plugins.load("experiment", name, **settings).run(generator("experiment", name))
    for table, rows in tables.items():
        write_csv(out / f"{table}.csv", rows)
    FIGURES[name](tables, out / "figure")
