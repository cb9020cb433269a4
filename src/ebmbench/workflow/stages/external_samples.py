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
from ebmbench.evaluation.external_samples.archive import SAMPLES, ExternalSamples, GivenError
from ebmbench.evaluation.external_samples.left_out import left_out
from ebmbench.evaluation.external_samples.normalisation import check_density
from ebmbench.evaluation.external_samples.reading import read_file
from ebmbench.evaluation.external_samples.units import MODEL, SampleUnits
from ebmbench.models.statistics.interface import Definition
from ebmbench.planning.reference_runs import grids
from ebmbench.reporting.comparison.columns import columns_of
from ebmbench.reporting.comparison.place import place_sentence
from ebmbench.reporting.comparison.readers_table import KEYS, readers_table
from ebmbench.reporting.comparison.summary import summarise
from ebmbench.reporting.copy_counts import copies_sentence
from ebmbench.reporting.markdown import markdown
from ebmbench.workflow.stages import dataset as dataset_stage
from ebmbench.workflow.stages.score import score

#: family name of external samples in the tables
GIVEN = "given"

#: the same as a method: family, loss and statistics
METHOD = (GIVEN, "none", "none")

_ABOUT = (
    "given: {paths}, only seed {seeds} of {dataset}, without an interval. All others: means over the seeds of "
    "results/reference/{grid} ± half the width of the 95 % Student-t interval; seed {seeds} has the same data."
)

#: caption if there are files of several seeds
_ABOUT_SEVERAL = (
    "given: {paths}, seeds {seeds} of {dataset}. All others: the seeds of results/reference/{grid}, of which these "
    "have the same data. All: means over the seeds ± half the width of the 95 % Student-t interval."
)

#: caption if no committed table uses the same data
_ALONE = "given: {paths}, seed {seeds} of {dataset}. No committed run uses the same data, so there is no comparison."


#: note on a file that names the columns of a data set whose rows are not in its own units
_COORDINATES = (
    "its values are taken in the coordinates of `ebmbench rows`, not in the data's own units; `--units own` takes them "
    "in those"
)


class Scored(NamedTuple):
    """Scores of external samples, the digest of the data that they are compared with, and notes for the user."""

    scores: pd.DataFrame
    digest: str
    notes: list[str]


class Placed(NamedTuple):
    """A page with external and committed scores, and notes for the user on what was read and left out."""

    page: str
    notes: list[str]


class ExternalRows(NamedTuple):
    """The file of a data set for one seed, and the digest of its examples."""

    file: Path
    digest: str


def write_external_scores(
    files: Mapping[int, Path],
    name: str,
    dataset: Dataset,
    sets: Mapping[str, Definition],
    reference: Path,
    out: Path,
    units: SampleUnits = MODEL,
) -> Placed:
    """Score the file of each seed of a data set, write scores.csv and placed.md into ``out``; return page and notes.

    ``sets``: evaluation sets of statistics by name; ``reference``: the folder of the committed tables; ``units``: those
    of the files. Raises :class:`~ebmbench.evaluation.external_samples.archive.GivenError` before anything is written.
    """
    found = {seed: _scored_file(path, name, dataset, seed, sets, units) for seed, path in files.items()}
    own = pd.concat([of.scores for of in found.values()])
    reported = {
        "paths": ", ".join(path.name for path in files.values()),
        "seeds": ", ".join(map(str, files)),
        "dataset": name,
    }
    others = _comparable(reference, name, {seed: of.digest for seed, of in found.items()})
    page = "\n".join(_sections(own, others, reported))
    write_csv(out / "scores.csv", own)
    write_text(out / "placed.md", page)
    return Placed(page, [note for of in found.values() for note in of.notes])


def _scored_file(
    path: Path, name: str, dataset: Dataset, seed: int, sets: Mapping[str, Definition], units: SampleUnits
) -> Scored:
    given = read_file(path, dataset.column_names())
    found = score_arrays(path, lambda _: given.arrays, name, dataset, seed, sets, units)
    own_names = units is MODEL and given.by_name and dataset.coordinates(seed).log_det != 0
    notes = [f"{path}: {_COORDINATES}"] if own_names else []
    return found._replace(notes=given.notes + notes + found.notes)


def score_arrays(
    source: Path,
    arrays: Callable[[DataFiles], Mapping[str, np.ndarray]],
    name: str,
    dataset: Dataset,
    seed: int,
    sets: Mapping[str, Definition],
    units: SampleUnits = MODEL,
) -> Scored:
    """Return the scores of external samples that have a value.

    ``arrays``: returns ``samples`` and log-densities by name, as an archive holds them, in ``units``, for the files of
    the data set; ``source`` names them in messages. Raises
    :class:`~ebmbench.evaluation.external_samples.archive.GivenError` for arrays that cannot be scored.
    """
    with tempfile.TemporaryDirectory() as folder:
        rows = _rows(dataset, name, seed, Path(folder) / "data")
        data = DataFiles(rows.file)
        sizes = {split: len(of) for split, of in data.rows(str(seed)).items()}
        if data.grid is not None:
            sizes["grid"] = len(data.grid.log_p)
        given = _checked(source, arrays(data), dataset, seed, sizes, units)
        if data.grid is not None:
            check_density(source, given, data.grid_points(), data.rows(str(seed)))
        cell = Cell(name, *METHOD)
        run_files.write_run_files({seed: given}, cell, sizes, Path(folder) / "run")
        scores, _ = score(Path(folder) / "run", rows.file, sets)
    ok = scores[scores["status"] == "ok"]
    notes = [f"{source}: {note}" for note in left_out(scores, given, sizes)]
    if ok.empty:
        raise GivenError(notes[-1])
    return Scored(ok, rows.digest, notes)


def _checked(
    source: Path,
    arrays: Mapping[str, np.ndarray],
    dataset: Dataset,
    seed: int,
    sizes: Mapping[str, int],
    units: SampleUnits,
) -> ExternalSamples:
    """Return the arrays in the coordinates of models; raise as :func:`score_arrays`."""
    flat = {name: dataset.flattened(of) if name == SAMPLES else of for name, of in arrays.items()}
    given = units.to_model(dataset.coordinates(seed), archive.checked(source, flat, dataset.dim, sizes))
    try:
        dataset.check_scale(given.samples)
    except ValueError as error:
        raise GivenError(f"{source}: {SAMPLES} {error}") from error
    return given


def write_rows(name: str, dataset: Dataset, seed: int, out: Path, units: SampleUnits = MODEL) -> str:
    """Write the splits of a seed as .npz: ``train``, ``val``, ``test`` (N, D); for a known density ``grid`` (G, 2).

    The arrays are in ``units``. Returns a sentence on exact copies among the rows of a table, or an empty text.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = _rows(dataset, name, seed, Path(folder)).file
        data, copies = DataFiles(file), read_json(file.with_suffix(".json"))["copies"]
        arrays: dict[str, Any] = {split: rows.numpy() for split, rows in data.rows(str(seed)).items()}
        if data.grid is not None:
            arrays["grid"] = data.grid_points().numpy()
    arrays = {part: units.of_rows(dataset.coordinates(seed), rows) for part, rows in arrays.items()}
    with replacing(out) as temporary, temporary.open("wb") as archive_file:
        np.savez(archive_file, **arrays)
    return copies_sentence(list(copies.values()))


def _rows(dataset: Dataset, name: str, seed: int, folder: Path) -> ExternalRows:
    block = f"{seed}-{seed}"
    dataset_stage.write_dataset(dataset, name, [seed], folder, block)
    file = folder / f"seeds{block}.safetensors"
    return ExternalRows(file, read_json(file.with_suffix(".json"))["digest"][str(seed)])


def _comparable(reference: Path, name: str, digests: Mapping[int, str]) -> dict[str, pd.DataFrame]:
    """Return the scores of a data set by grid, for committed grids whose data at these seeds have these digests."""
    found = {}
    for grid in grids(reference):
        runs = read_typed(reference / grid / "runs.csv")
        same = runs[(runs["dataset"] == name) & runs["seed"].isin(list(digests))]
        fits = (same["provenance.data_digest"] == same["seed"].map(digests)).all()
        if fits and set(same["seed"]) == set(digests):
            scores = read_typed(reference / grid / "scores.csv")
            found[grid] = scores[scores["dataset"] == name]
    return found


def _sections(own: pd.DataFrame, others: Mapping[str, pd.DataFrame], reported: Mapping[str, str]) -> list[str]:
    if not others:
        return [markdown(reported["dataset"], _ALONE.format(**reported), readers_table(summarise(own)), KEYS)]
    return [_section(own, scores, grid, reported) for grid, scores in others.items()]


def _section(own: pd.DataFrame, scores: pd.DataFrame, grid: str, reported: Mapping[str, str]) -> str:
    """Return a table of committed and external scores, for the metrics that the external samples have."""
    wanted = set(columns_of(summarise(own)))
    both = summarise(pd.concat([own, scores]))
    columns = zip(both["metric"], both["split"], both["distribution"], strict=True)
    shown = both[[column in wanted for column in columns]]
    first = [place_sentence(pd.concat([own, scores]), column, METHOD) for column in columns_of(shown)[:1]]
    caption = _ABOUT if own["seed"].nunique() == 1 else _ABOUT_SEVERAL
    about = "\n\n".join([*first, caption.format(grid=grid, **reported)])
    return markdown(f"{reported['dataset']}, {grid}", about, readers_table(shown), KEYS)
