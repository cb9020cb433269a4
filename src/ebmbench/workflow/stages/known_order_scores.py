"""Stage that scores methods of known order as the grid's methods are scored."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ebmbench.core.cells import Cell
from ebmbench.core.columns import MODEL
from ebmbench.core.files import write_csv
from ebmbench.evaluation.data_files import DataFiles
from ebmbench.evaluation.external_samples.run_files import write_run_files
from ebmbench.experiments.calibration.known_order.disturbances import Disturbance
from ebmbench.experiments.calibration.known_order.measured import METRICS
from ebmbench.experiments.calibration.known_order.problems import problem
from ebmbench.experiments.calibration.known_order.study import KnownMethod, KnownOrderStudy
from ebmbench.experiments.calibration.known_order.trainings import given, training
from ebmbench.workflow.stages.dataset import write_dataset
from ebmbench.workflow.stages.score import numbered, score
from ebmbench.workflow.stages.study_settings import study_of

#: family of the methods of known order in the tables; the loss names the method
FAMILY = "known"

#: seeds whose files exist at once
BLOCK = 20


def write_scores(name: str, settings: Mapping[str, Any], out: Path) -> None:
    """Write the scores of all trainings on the problem ``name``."""
    write_csv(out, scored(name, study_of("known_order", KnownOrderStudy, settings)))


def scored(name: str, study: KnownOrderStudy) -> pd.DataFrame:
    """Score every training of every method on the problem ``name``: the rows of scores.csv that the rules read."""
    of = problem(name, study.rows)
    rows = pd.concat(list(_blocks(name, of, study)), ignore_index=True)
    shown = (rows["metric"].map(METRICS) == rows["split"]) & (rows["distribution"] == MODEL)
    return numbered(rows[shown].reset_index(drop=True))


def _blocks(name: str, of: Disturbance, study: KnownOrderStudy) -> Iterator[pd.DataFrame]:
    """Yield the scores of one method on one block of seeds after the other."""
    for first in range(0, study.trainings, BLOCK):
        seeds = range(first, min(first + BLOCK, study.trainings))
        with tempfile.TemporaryDirectory() as folder:
            block = f"{seeds[0]}-{seeds[-1]}"
            write_dataset(of.dataset, name, seeds, Path(folder), block, grid_n=study.grid)
            data = Path(folder) / f"seeds{block}.safetensors"
            for method in study.methods():
                run = Path(folder) / method.name
                _write_runs(name, of, method, seeds, study, DataFiles(data), run)
                yield score(run, data, {})[0]


def _write_runs(
    name: str,
    of: Disturbance,
    method: KnownMethod,
    seeds: range,
    study: KnownOrderStudy,
    data: DataFiles,
    run: Path,
) -> None:
    """Write the files of a method's trainings as those of a job."""
    grid = {} if data.grid is None else {"grid": data.grid_points()}
    found = {}
    for seed in seeds:
        drawn = training(of, name, method, seed, study)
        samples = study.samples if seed < study.sampled else 0
        found[seed] = given(of, drawn, data.rows(str(seed)) | grid, samples)
    sizes = {split: len(rows) for split, rows in (data.rows(str(seeds[0])) | grid).items()}
    write_run_files(found, Cell(name, FAMILY, method.name, "none"), sizes, run)
