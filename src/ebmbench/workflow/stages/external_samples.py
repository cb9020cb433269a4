"""Stage that scores external samples and log-densities and compares them with committed results on the same data."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ebmbench.core.cells import Cell
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import read_json, replacing, write_csv, write_text
from ebmbench.core.threads import one_thread
from ebmbench.data.interface import Dataset
from ebmbench.evaluation.data_files import DataFiles
from ebmbench.evaluation.external_samples import archive, run_files
from ebmbench.evaluation.external_samples.archive import SAMPLES, GivenError
from ebmbench.evaluation.external_samples.effective_size import copies_note
from ebmbench.evaluation.external_samples.feature_protocol import other_protocols
from ebmbench.evaluation.external_samples.left_out import left_out, without_features
from ebmbench.evaluation.external_samples.normalisation import check_density
from ebmbench.evaluation.external_samples.reading import GivenFile, read_file
from ebmbench.evaluation.external_samples.units import MODEL, OWN, SampleUnits
from ebmbench.models.statistics.interface import Definition
from ebmbench.planning.reference_runs import SMOKE
from ebmbench.provenance.reference_order import ordered_runs
from ebmbench.reporting.comparison.columns import Column, columns_of
from ebmbench.reporting.comparison.place import place_sentence
from ebmbench.reporting.comparison.readers_table import KEYS, readers_table
from ebmbench.reporting.comparison.summary import summarise
from ebmbench.reporting.copy_counts import copies_sentence
from ebmbench.reporting.markdown import markdown
from ebmbench.workflow.stages import dataset as dataset_stage
from ebmbench.workflow.stages.image_scores import image_scores
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


#: note on a file in the own units of a data set whose rows have other coordinates
_OWN_UNITS = "its values are taken in the data's own units, not in the coordinates of `ebmbench rows`"

#: makes the files of extractors, by name
Extractors = Callable[[], Mapping[str, Path]]


class Scored(NamedTuple):
    """Scores of external samples, the digest of the data that they are compared with, and notes for the user.

    ``copies``: a sentence for the table on samples that are worth few different ones, else empty.
    """

    scores: pd.DataFrame
    digest: str
    notes: list[str]
    copies: str


class Placed(NamedTuple):
    """A page with external and committed scores, and notes for the user on what was read and left out.

    ``tables``: the parts of the page, one for each committed run, in the order of
    :func:`~ebmbench.provenance.reference_order.ordered_runs`.
    """

    tables: list[str]
    notes: list[str]

    @property
    def page(self) -> str:
        """All tables."""
        return "\n".join(self.tables)


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
    extractors: Extractors = dict,
    units: SampleUnits | None = None,
) -> Placed:
    """Score the file of each seed of a data set, write scores.csv and placed.md into ``out``; return page and notes.

    ``sets``: evaluation sets of statistics by name; ``reference``: the folder of the committed tables; ``extractors``:
    called for each file that can be scored; ``units``: those of the files, None if a
    file says so by its columns. Raises :class:`~ebmbench.evaluation.external_samples.archive.GivenError`
    before anything is written.
    """

    def read(path: Path) -> GivenFile:
        file = read_file(path, dataset.column_names())
        return file if units is None else file._replace(own_units=units is OWN)

    def scored(seed: int, path: Path) -> Scored:
        return score_arrays(path, lambda _: read(path), name, dataset, seed, sets, extractors)

    found = {seed: scored(seed, path) for seed, path in files.items()}
    own = pd.concat([of.scores for of in found.values()])
    reported = {
        "paths": ", ".join(path.name for path in files.values()),
        "seeds": ", ".join(map(str, files)),
        "dataset": name,
    }
    copies = [f"given, seed {seed}: {of.copies}" for seed, of in found.items() if of.copies]
    others = _comparable(reference, name, {seed: of.digest for seed, of in found.items()})
    notes = [note for of in found.values() for note in of.notes]
    placed = Placed(_sections(own, others, reported, copies), notes)
    write_csv(out / "scores.csv", own)
    write_text(out / "placed.md", placed.page)
    return placed


def score_arrays(
    source: Path,
    read: Callable[[DataFiles], GivenFile],
    name: str,
    dataset: Dataset,
    seed: int,
    sets: Mapping[str, Definition],
    extractors: Extractors = dict,
) -> Scored:
    """Return the scores of external samples that have a value.

    ``read``: returns ``samples`` and log-densities by name, as an archive holds them, for the files of the data set;
    ``source`` names them in messages; ``extractors``: makes the extractors by whose features images are scored.
    Raises :class:`~ebmbench.evaluation.external_samples.archive.GivenError` for arrays that cannot be scored.
    """
    with tempfile.TemporaryDirectory() as folder, one_thread():
        rows = _rows(dataset, name, seed, Path(folder) / "data")
        data = DataFiles(rows.file)
        sizes = {split: len(of) for split, of in data.rows(str(seed)).items()}
        if data.grid is not None:
            sizes["grid"] = len(data.grid.log_p)
        file = read(data)
        given = _checked(source, file, dataset, seed, sizes)
        if data.grid is not None:
            check_density(source, given, data.grid_points(), data.rows(str(seed)))
        run_files.write_run_files({seed: given}, Cell(name, *METHOD), sizes, Path(folder) / "run")
        scores, _ = score(Path(folder) / "run", rows.file, sets)
        images = image_scores(Path(folder) / "run", rows.file, extractors())
    own_units = file.own_units and dataset.coordinates(seed).log_det != 0
    copies = copies_note(given.samples)
    notes = (
        [_OWN_UNITS] * own_units + left_out(scores, given, sizes) + without_features(images) + [copies] * bool(copies)
    )
    both = pd.concat([scores, images]) if len(images) else scores
    ok = both[both["status"] == "ok"]
    reported = [*file.notes, *(f"{source}: {note}" for note in notes)]
    if ok.empty:
        raise GivenError(reported[-1])
    return Scored(ok, rows.digest, reported, copies)


def _checked(
    source: Path, file: GivenFile, dataset: Dataset, seed: int, sizes: Mapping[str, int]
) -> archive.ExternalSamples:
    """Return the arrays as the data set has them; raise as :func:`score_arrays`."""
    flat = {name: dataset.flattened(of) if name == SAMPLES else of for name, of in file.arrays.items()}
    units = OWN if file.own_units else MODEL
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
    """Return the scores of a data set by grid, for committed grids whose data at these seeds have these digests.

    They are in the order of :func:`~ebmbench.provenance.reference_order.ordered_runs`.
    """
    found = {}
    for grid in (run for run in ordered_runs(reference) if run != SMOKE):
        runs = read_typed(reference / grid / "runs.csv")
        same = runs[(runs["dataset"] == name) & runs["seed"].isin(list(digests))]
        fits = (same["provenance.data_digest"] == same["seed"].map(digests)).all()
        if fits and set(same["seed"]) == set(digests):
            scores = read_typed(reference / grid / "scores.csv")
            found[grid] = scores[scores["dataset"] == name]
    return found


def _sections(
    own: pd.DataFrame, others: Mapping[str, pd.DataFrame], reported: Mapping[str, str], notes: Sequence[str]
) -> list[str]:
    if not others:
        table = readers_table(summarise(own))
        return [markdown(reported["dataset"], _ALONE.format(**reported), table, KEYS, notes)]
    return [_section(own, scores, {**reported, "grid": grid}, notes) for grid, scores in others.items()]


def _section(own: pd.DataFrame, scores: pd.DataFrame, reported: Mapping[str, str], notes: Sequence[str]) -> str:
    """Return a table of committed and external scores, for the metrics that the external samples have."""
    wanted = columns_of(summarise(own))
    # most metrics of a committed run are in no reader's table: without them the summary takes a third of the time
    both = pd.concat([of[_in_columns(of, wanted)] for of in (own, scores)])
    shown = summarise(both)
    first = [place_sentence(both, column, METHOD) for column in columns_of(shown)[:1]]
    caption = _ABOUT if own["seed"].nunique() == 1 else _ABOUT_SEVERAL
    about = "\n\n".join([*first, *other_protocols(own, scores), caption.format(**reported)])
    return markdown(f"{reported['dataset']}, {reported['grid']}", about, readers_table(shown), KEYS, notes)


def _in_columns(scores: pd.DataFrame, columns: Sequence[Column]) -> np.ndarray:
    """Return which rows of scores.csv are of one of the columns of a reader's table, ``(N,)`` bool."""
    return pd.MultiIndex.from_frame(scores[list(Column._fields)]).isin(columns)
