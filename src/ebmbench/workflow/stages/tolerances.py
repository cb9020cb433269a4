"""Stage that measures the tolerances of an audit: tolerances.csv of a committed run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ebmbench.core.errors import UserError
from ebmbench.core.files import write_csv
from ebmbench.core.schemas import SCHEMAS, read_schema
from ebmbench.provenance import manifest
from ebmbench.provenance.audit.table_cells import NUMBERS, read_cells, with_numbers
from ebmbench.provenance.audit.tolerances import NAME, measured_moves


def write_tolerances(committed: Path, results: Sequence[Path]) -> None:
    """Write how far trained values of the run in ``committed`` move in repetitions with the same seeds.

    ``results``: the results folders of the repetitions, whose names become columns. The manifest of ``committed``
    records the new file. Raises :class:`UserError` for a missing or damaged table, for repetitions of the same name and
    for fewer than two.
    """
    names = [folder.name for folder in results]
    if len(names) < 2 or len(set(names)) < len(names):
        raise UserError(f"--results {', '.join(names) or 'missing'}: allowed: two or more folders of different names")
    origin = manifest.read_manifest(committed)
    moves = measured_moves(_scores(committed), {folder.name: _scores(folder / "tables") for folder in results})
    path = committed / NAME
    write_csv(path, moves)
    sealed = origin.files | {NAME: manifest.sha256(path.read_bytes())}
    manifest.write_manifest(committed, origin._replace(files=sealed))


def _scores(folder: Path) -> pd.DataFrame:
    schema = read_schema(SCHEMAS / "scores.schema.yaml")
    return with_numbers(read_cells(folder / "scores.csv", schema), NUMBERS)
