"""Stage that scores external samples and log-densities and compares them with committed results on the same data."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ebmbench.core.cells import Cell
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import read_json, replacing, write_csv, write_text
from ebmbench.data.interface import Dataset
from ebmbench.evaluation.contract import DataFiles
from ebmbench.evaluation.external_samples import archive, run_files
from ebmbench.evaluation.external_samples.normalisation import check_density
from ebmbench.models.statistics.interface import Definition
from ebmbench.planning.reference_runs import grids
from ebmbench.reporting.comparison.columns import columns_of
from ebmbench.reporting.comparison.readers_table import KEYS, readers_table
from ebmbench.reporting.comparison.summary import summarise
from ebmbench.reporting.copy_counts import copies_sentence
from ebmbench.reporting.markdown import markdown
from ebmbench.workflow.stages import dataset as dataset_stage
from ebmbench.workflow.stages.score import score

#: family name of external samples in the tables
GIVEN = "given"

_ABOUT = (
    "given: {path}, only seed {seed} of {dataset}, without an interval. All others: means over the seeds of "
    "results/reference/{grid} ± half the width of the 95 % Student-t interval; seed {seed} has the same data."
)

#: caption if no committed table uses the same data
_ALONE = "given: {path}, seed {seed} of {dataset}. No committed run uses the same data, so there is no comparison."


class ExternalRows(NamedTuple):
    """The file of a data set for one seed, and the digest of its examples."""

    file: Path
    digest: str


def write_external_scores(
    path: Path, name: str, dataset: Dataset, seed: int, sets: Mapping[str, Definition], reference: Path, out: Path
) -> str:
    """Score the archive ``path`` on a seed of a data set, write scores.csv and placed.md into ``out``; return the page.

    ``sets``: evaluation sets of statistics by name; ``reference``: the folder of the committed tables. Raises
    :class:`~ebmbench.evaluation.external_samples.archive.GivenError` before anything is written.
    """
    arrays = archive.load(path)
    own, digest = score_arrays(path, lambda _: arrays, name, dataset, seed, sets)
    reported = {"path": path.name, "seed": seed, "dataset": name}
    page = "\n".join(_sections(own, _comparable(reference, name, seed, digest), reported))
    write_csv(out / "scores.csv", own)
    write_text(out / "placed.md", page)
    return page


def score_arrays(
    source: Path,
    arrays: Callable[[DataFiles], Mapping[str, np.ndarray]],
    name: str,
    dataset: Dataset,
    seed: int,
    sets: Mapping[str, Definition],
) -> tuple[pd.DataFrame, str]:
    """Return the scores of external samples, and the digest of the data that they are compared with.

    ``arrays``: returns ``samples`` and log-densities by name, as an archive holds them, for the files of the data set;
    ``source`` names them in messages.
    Raises :class:`~ebmbench.evaluation.external_samples.archive.GivenError` for arrays that cannot be scored.
    """
    with tempfile.TemporaryDirectory() as folder:
        rows = _rows(dataset, name, seed, Path(folder) / "data")
        data = DataFiles(rows.file)
        sizes = {split: len(of) for split, of in data.rows(str(seed)).items()}
        if data.grid is not None:
            sizes["grid"] = len(data.grid.log_p)
        given = archive.checked(source, arrays(data), dataset.dim, sizes)
        if data.grid is not None:
            check_density(source, given, data.grid_points(), data.rows(str(seed)))
        cell = Cell(name, GIVEN, "none", "none")
        run_files.write_run_files({seed: given}, cell, sizes, Path(folder) / "run")
        scores, _ = score(Path(folder) / "run", rows.file, sets)
    return scores[scores["status"] == "ok"], rows.digest


def write_rows(name: str, dataset: Dataset, seed: int, out: Path) -> str:
    """Write the splits of a seed as .npz: ``train``, ``val``, ``test`` (N, D); for a known density ``grid`` (G, 2).

    Returns a sentence on exact copies among the rows of a table, or an empty text.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = _rows(dataset, name, seed, Path(folder)).file
        data, copies = DataFiles(file), read_json(file.with_suffix(".json"))["copies"]
        arrays: dict[str, Any] = {split: rows.numpy() for split, rows in data.rows(str(seed)).items()}
        if data.grid is not None:
            arrays["grid"] = data.grid_points().numpy()
    with replacing(out) as temporary, temporary.open("wb") as archive_file:
        np.savez(archive_file, **arrays)
    return copies_sentence(list(copies.values()))


def _rows(dataset: Dataset, name: str, seed: int, folder: Path) -> ExternalRows:
    block = f"{seed}-{seed}"
    dataset_stage.write_dataset(dataset, name, [seed], folder, block)
    file = folder / f"seeds{block}.safetensors"
    return ExternalRows(file, read_json(file.with_suffix(".json"))["digest"][str(seed)])


def _comparable(reference: Path, name: str, seed: int, digest: str) -> dict[str, pd.DataFrame]:
    """Return the scores of a data set by grid, for committed grids whose data at this seed have this digest."""
    found = {}
    for grid in grids(reference):
        runs = read_typed(reference / grid / "runs.csv")
        same = runs[(runs["dataset"] == name) & (runs["seed"] == seed)]
        if len(same) and (same["provenance.data_digest"] == digest).all():
            scores = read_typed(reference / grid / "scores.csv")
            found[grid] = scores[scores["dataset"] == name]
    return found


def _sections(own: pd.DataFrame, others: Mapping[str, pd.DataFrame], reported: Mapping[str, object]) -> list[str]:
    if not others:
        return [markdown(str(reported["dataset"]), _ALONE.format(**reported), readers_table(summarise(own)), KEYS)]
    return [_section(own, scores, grid, reported) for grid, scores in others.items()]


def _section(own: pd.DataFrame, scores: pd.DataFrame, grid: str, reported: Mapping[str, object]) -> str:
    """Return a table of committed and external scores, for the metrics that the external samples have."""
    wanted = set(columns_of(summarise(own)))
    both = summarise(pd.concat([own, scores]))
    columns = zip(both["metric"], both["split"], both["law"], strict=True)
    shown = both[[column in wanted for column in columns]]
    return markdown(f"{reported['dataset']}, {grid}", _ABOUT.format(grid=grid, **reported), readers_table(shown), KEYS)
