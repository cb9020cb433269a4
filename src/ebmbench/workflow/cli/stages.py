"""``ebmbench stage``: the stages of one data set or cell, which the workflow's rules call.

Each command imports its stage when it is called, so that help and bad usage need no torch.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click

from ebmbench.core.errors import UserError
from ebmbench.workflow.cli.group import stage
from ebmbench.workflow.cli.options import AnyPath, CellName, Device, Json, OptionalPath, command

if TYPE_CHECKING:
    from ebmbench.evaluation.search_criteria.interface import SearchCriterion

#: paths that only some jobs have
Base = Annotated[OptionalPath, "folder of the run that the cell's family builds on"]
Before = Annotated[OptionalPath, "trials.csv of the stage of the search before this one"]
Chosen = Annotated[OptionalPath, "file with the settings that a search has chosen"]
Studied = Annotated[OptionalPath, "folder of the run that the experiment studies"]
Examples = Annotated[OptionalPath, "file of that run's data set"]
Features = Annotated[OptionalPath, "file of the extractor whose features the experiment compares"]
ReadAs = Annotated[str, "text of the facts that changes when a local file of the data set has changed"]


@command(stage)
def check_settings(config: Json) -> None:
    """Check the settings of a configuration together, as jobs will use them."""
    from ebmbench.workflow.stages.check_settings import check_grid_settings

    check_grid_settings(config)


@command(stage)
def dataset(name: str, seeds: str, settings: Json, out: AnyPath, files: ReadAs = "") -> None:
    """Write a data set's examples, digests and density on the grid."""
    from ebmbench.core import plugins
    from ebmbench.core.cells import seeds_of
    from ebmbench.workflow.stages.dataset import write_dataset

    write_dataset(plugins.load_entry("dataset", name, settings), name, seeds_of(seeds), out, seeds, read_as=files)


@command(stage)
def data_page(
    name: str,
    settings: Json,
    out: AnyPath,
    data: Annotated[tuple[Path, ...], click.Path(path_type=Path), "file of facts of each block of seeds"] = (),
) -> None:
    """Write the page of a table or of images: its summary, and what was done to its rows."""
    from ebmbench.core import plugins
    from ebmbench.workflow.stages.data_page import write_data_page

    write_data_page(plugins.load_entry("dataset", name, settings), name, data, out)


@command(stage)
def tune(
    cell: CellName,
    settings: Json,
    device: Device,
    code: str,
    out: AnyPath,
    data: Annotated[OptionalPath, "file with the rows of the search's seeds"] = None,
    before: Before = None,
    base: Base = None,
    features: Annotated[OptionalPath, "file of the extractor whose features compare the trials"] = None,
    finished: Annotated[OptionalPath, "tuning.csv to take this search from, in place of the other files"] = None,
) -> None:
    """Search a cell's settings on seeds that the grid does not use, or take them from a finished search."""
    if finished:
        from ebmbench.workflow.stages.finished_search import write_finished_search

        return write_finished_search(cell, settings, finished, out, before)
    from ebmbench.workflow.stages.tune import SearchInputs, write_search

    if data is None:
        raise UserError("tune: --data is missing; allowed: a file of rows, or --finished with a tuning.csv")
    given = SearchInputs(before, base)
    return write_search(cell, settings, data, device, code, out, _criterion(features), given)


def _criterion(features: Path | None) -> SearchCriterion:
    if features is None:
        from ebmbench.evaluation.search_criteria.likelihood import Likelihood

        return Likelihood()
    from ebmbench.evaluation.search_criteria.frechet import Frechet
    from ebmbench.workflow.stages.extractor import read_features

    found = read_features(features)
    return Frechet(found.plugin(f"tuning.criterion: {features}"), found.weights)


@command(stage)
def train(
    cell: CellName,
    seeds: str,
    settings: Json,
    data: AnyPath,
    device: Device,
    code: str,
    out: AnyPath,
    chosen: Chosen = None,
    base: Base = None,
) -> None:
    """Train a cell on a block of seeds."""
    from ebmbench.workflow.stages.train import TrainingInputs, train_seeds

    train_seeds(cell, seeds, settings, data, device, code, out, TrainingInputs(chosen, base))


@command(stage)
def tilt(cell: CellName, run: AnyPath, settings: Json, data: AnyPath, device: Device, code: str, out: AnyPath) -> None:
    """Tilt a job's trained models so that they match the means of statistics."""
    from ebmbench.workflow.stages.tilt import Tilting, write_tilted_runs

    write_tilted_runs(Tilting(cell, settings, code), run, data, device, out)


@command(stage)
def sample(run: AnyPath, settings: Json, data: AnyPath, device: Device, chosen: Chosen = None) -> None:
    """Write samples, log-densities and log Z of a job's models."""
    from ebmbench.workflow.stages.sample import Plan, write_samples

    write_samples(run, Plan.of(settings, chosen), data, device)


@command(stage)
def score_run(run: AnyPath, data: AnyPath, statistics: Json) -> None:
    """Score a job's samples and log-densities."""
    from ebmbench.models.statistics.sets import load_set
    from ebmbench.workflow.stages.score import write_scores

    write_scores(run, data, {name: load_set(parts) for name, parts in statistics.items()})


@command(stage)
def extractor(dataset: str, images: Json, name: str, settings: Json, device: str, out: AnyPath) -> None:
    """Write a feature extractor for a set of images, and the features of these images."""
    from ebmbench.core import plugins
    from ebmbench.core.device import resolve
    from ebmbench.workflow.stages.extractor import write_extractor

    plugin = plugins.load("extractor", name, **settings)
    write_extractor(plugins.load_entry("dataset", dataset, images), name, plugin, out, resolve(device))


@command(stage)
def image_scores(run: AnyPath, data: AnyPath, extractors: Json, device: str) -> None:
    """Score a job's samples by features of images."""
    from ebmbench.core.device import resolve
    from ebmbench.workflow.stages.image_scores import write_image_scores

    write_image_scores(run, data, {name: Path(path) for name, path in extractors.items()}, resolve(device))


@command(stage)
def experiment(
    name: str, settings: Json, out: AnyPath, studied: Studied = None, rows: Examples = None, features: Features = None
) -> None:
    """Write the tables and the figure of an experiment."""
    from ebmbench.workflow.stages.experiment import ExperimentInputs, write_experiment

    write_experiment(name, settings, out, ExperimentInputs(studied, rows, features))
