"""Stage that runs one experiment: its tables as csv, and its figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import torch

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.core.files import write_csv
from ebmbench.core.seeds import generator
from ebmbench.data.images import shown
from ebmbench.experiments.interface import ImageFeatures, Study, Tables, Trained
from ebmbench.reporting.figures.anytime import anytime
from ebmbench.reporting.figures.constraints import constraints
from ebmbench.reporting.figures.discrepancy_time import discrepancy_time
from ebmbench.reporting.figures.fd_steps import fd_steps
from ebmbench.reporting.figures.latent_samplers import latent_samplers
from ebmbench.reporting.figures.mode_weights import mode_weights
from ebmbench.reporting.figures.nearsightedness import nearsightedness
from ebmbench.reporting.figures.sample_size import sample_size
from ebmbench.reporting.figures.stabilisation import stabilisation
from ebmbench.workflow.stages import extractor
from ebmbench.workflow.stages.trained_runs import TrainedJob

FIGURES: dict[str, Callable[[Mapping[str, pd.DataFrame], Path], None]] = {
    "anytime": anytime,
    "discrepancy_time": discrepancy_time,
    "constraints": constraints,
    "fd_steps": fd_steps,
    "latent_samplers": latent_samplers,
    "mode_weights": mode_weights,
    "nearsightedness": nearsightedness,
    "sample_size": sample_size,
    "stabilisation": stabilisation,
}


class ExperimentInputs(NamedTuple):
    """Inputs of an experiment: the folder of a trained job, and the file of its data set.

    ``features``: the file of the extractor with which it evaluates samples.
    """

    studied: Path | None = None
    rows: Path | None = None
    features: Path | None = None


NOTHING = ExperimentInputs()


def write_experiment(name: str, settings: Mapping[str, Any], out: Path, given: ExperimentInputs = NOTHING) -> None:
    """Run the experiment ``name``; write {table}.csv of each table and figure.png, .pdf and .csv into ``out``.

    Raises :class:`UserError` if the experiment studies a run and none is passed, or the run has no result.
    """
    tables = _tables(name, settings, given)
    for table, rows in tables.items():
        write_csv(out / f"{table}.csv", rows)
    FIGURES[name](tables, out / "figure")


def _tables(name: str, settings: Mapping[str, Any], given: ExperimentInputs) -> Tables:
    experiment, stream = plugins.load("experiment", name, **settings), generator("experiment", name)
    if not isinstance(experiment, Study):
        return experiment.run(stream)
    if given.studied is None or given.rows is None:
        raise UserError(f"experiment {name} needs a trained run: its folder and the file of its data set")
    judged = None if given.features is None else _judged(name, given.features)
    return experiment.study(_trained(given.studied, given.rows)._replace(judged=judged), stream)


def _trained(folder: Path, rows: Path) -> Trained:
    """Return the model of the first seed of the job in ``folder``."""
    job = TrainedJob.of(folder, rows)
    seed, result = next(iter(job.runs.items()))
    if result["status"] != "ok":
        raise UserError(f"{folder}: seed {seed} ended as {result['status']}, {result['reason']}; no model to study")
    return Trained(job.model(int(seed), torch.device("cpu")), job.data.of(int(seed)).splits)


def _judged(name: str, path: Path) -> ImageFeatures:
    """Read the extractor in ``path``; raise :class:`UserError` if it has no weights."""
    found = extractor.read_features(path)
    plugin = found.plugin(f"experiment {name}")
    train, test = (found.reference(split) for split in extractor.REFERENCES)
    return ImageFeatures(lambda rows: plugin.features(found.weights, shown(rows)), train, test)
