"""The workflow's verbs: what its rules call, a function a stage. Each takes its module in when it is called."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def dataset(arguments: argparse.Namespace) -> None:
    """Rows, digests and the density on the grid of a data set."""
    from ebmbench.core import plugins
    from ebmbench.core.cells import seeds_of
    from ebmbench.workflow.stages.dataset import write_dataset

    plugin = plugins.load_entry("dataset", arguments.name, arguments.settings)
    write_dataset(plugin, arguments.name, seeds_of(arguments.seeds), arguments.out, arguments.seeds)


def tune(arguments: argparse.Namespace) -> None:
    """Search a cell's settings on a seed of its own."""
    _one_thread()
    from ebmbench.core.cells import parse_cell
    from ebmbench.workflow.stages.tune import write_search

    a = arguments
    write_search(parse_cell(a.cell), a.settings, a.data, a.device, a.out, a.base)


def train(arguments: argparse.Namespace) -> None:
    """Train a cell on a block of seeds."""
    _one_thread()
    from ebmbench.core.cells import parse_cell
    from ebmbench.workflow.stages.train import TrainingInputs, train_seeds

    cell, a = parse_cell(arguments.cell), arguments
    train_seeds(cell, a.seeds, a.settings, a.data, a.device, a.code, a.out, TrainingInputs(a.chosen, a.base))


def tilt(arguments: argparse.Namespace) -> None:
    """Tilt a job's finished models to the means of statistics."""
    _one_thread()
    from ebmbench.core.cells import parse_cell
    from ebmbench.workflow.stages.tilt import Tilting, write_tilted_runs

    a = arguments
    write_tilted_runs(Tilting(parse_cell(a.cell), a.settings, a.code), a.run, a.data, a.device, a.out)


def sample(arguments: argparse.Namespace) -> None:
    """Samples, log-densities and log Z of a job's models."""
    _one_thread()
    from ebmbench.workflow.stages.sample import Plan, write_samples

    write_samples(arguments.run, Plan.of(arguments.settings), arguments.data, arguments.device)


def score_run(arguments: argparse.Namespace) -> None:
    """Scores of a job's samples and log-densities."""
    _one_thread()
    from ebmbench.models.statistics.sets import load_set
    from ebmbench.workflow.stages.score import write_scores

    statistics = {name: load_set(parts) for name, parts in arguments.statistics.items()}
    write_scores(arguments.run, arguments.data, statistics)


def extractor(arguments: argparse.Namespace) -> None:
    """An extractor of features for a set of images, and its features of them."""
    _one_thread()
    from ebmbench.core import plugins
    from ebmbench.workflow.stages.extractor import write_extractor

    images = plugins.load_entry("dataset", arguments.dataset, arguments.images)
    write_extractor(
        images, arguments.name, plugins.load("extractor", arguments.name, **arguments.settings), arguments.out
    )


def image_scores(arguments: argparse.Namespace) -> None:
    """Scores of a job's draws by features of images."""
    _one_thread()
    from ebmbench.workflow.stages.image_scores import write_image_scores

    write_image_scores(arguments.run, {name: Path(path) for name, path in arguments.extractors.items()})


def collect(arguments: argparse.Namespace) -> None:
    """Every job's scores, runs, curves and statistics, and what the grid leaves out."""
    import pandas as pd

    from ebmbench.planning.config import grid
    from ebmbench.workflow.stages.collect import collect as gather

    plan, results = grid(arguments.config), arguments.config["results"]
    skipped = [{**cell._asdict(), "reason": reason} for cell, reason in plan.skipped]
    table = pd.DataFrame(skipped, columns=["dataset", "family", "loss", "stats", "reason"])
    judged = arguments.config["extractors"]
    gather([job.folder(results) for job in plan.jobs], table, arguments.out, arguments.schemas, judged)


def tables(arguments: argparse.Namespace) -> None:
    """Readers' tables from the collected scores."""
    from ebmbench.workflow.stages.tables import write_tables

    write_tables(arguments.tables, _data_facts(arguments.config))


def tuning(arguments: argparse.Namespace) -> None:
    """Every trial of every search in one table, and what was chosen."""
    from ebmbench.planning.config import grid
    from ebmbench.workflow.stages.tuning_table import write_tuning_table

    write_tuning_table(list(grid(arguments.config).spaces), arguments.config["results"], arguments.out)


def time_to_kl(arguments: argparse.Namespace) -> None:
    """What reaching a KL costs, against a reference."""
    from ebmbench.workflow.stages.time_to_kl import write_time_to_kl

    write_time_to_kl(arguments.config["time_to_kl"], arguments.tables)


def experiment(arguments: argparse.Namespace) -> None:
    """Tables and figure of an experiment of its own."""
    _one_thread()
    from ebmbench.workflow.stages.experiment import ExperimentInputs, write_experiment

    a = arguments
    write_experiment(a.name, a.settings, a.out, ExperimentInputs(a.studied, a.rows, a.features))


def matches(arguments: argparse.Namespace) -> None:
    """Which runs have the data's statistics."""
    from ebmbench.planning.cell_dependencies import targets
    from ebmbench.planning.config import grid
    from ebmbench.workflow.stages.moment_match_report import write_moment_match_report

    settings = grid(arguments.config).settings
    write_moment_match_report(
        {cell: targets(cell, own, arguments.config) for cell, own in settings.items() if own["statistics"]},
        arguments.tables,
    )


def statistics_claims(arguments: argparse.Namespace) -> None:
    """Whether fixed statistics do what is claimed of them."""
    from ebmbench.workflow.stages.statistics_claims import write_statistics_claims

    write_statistics_claims(arguments.tables)


def ranks(arguments: argparse.Namespace) -> None:
    """Methods ranked across data sets, and whether they can be told apart."""
    from ebmbench.workflow.stages.ranks import write_ranks

    write_ranks(arguments.scores, arguments.out)


def audit_page(arguments: argparse.Namespace) -> None:
    """A fresh run against the committed one, whatever that finds."""
    from ebmbench.workflow.stages.audit import write_audit

    write_audit(arguments.tables, arguments.root, arguments.out)


def audited(arguments: argparse.Namespace) -> None:
    """What an audit found: fails where something is not as committed."""
    from ebmbench.workflow.stages.audit import verdict

    print(verdict(arguments.found))


def claims(arguments: argparse.Namespace) -> None:
    """What committed runs say of the papers' claims."""
    from ebmbench.workflow.stages.claims import write_claims

    write_claims(arguments.claims, arguments.schema, arguments.reference, arguments.out)


def published(arguments: argparse.Namespace) -> None:
    """Published numbers beside the grid's."""
    from ebmbench.workflow.stages.literature import write_literature_comparison

    write_literature_comparison(arguments.tables, arguments.published, arguments.schema)


def speed(arguments: argparse.Namespace) -> None:
    """What the suite costs beyond training."""
    from ebmbench.workflow.stages.speed import write_speed

    write_speed(arguments.reference, arguments.out)


def site(arguments: argparse.Namespace) -> None:
    """The static page of committed results."""
    from ebmbench.workflow.stages.site import write_site

    write_site(arguments.results, arguments.out)


def comparison(arguments: argparse.Namespace) -> None:
    """Runs of the same seed side by side."""
    from ebmbench.planning.config import grid
    from ebmbench.workflow.stages.comparisons import write_comparison

    write_comparison(arguments.name, grid(arguments.config), arguments.config, arguments.tables)


def figure(arguments: argparse.Namespace) -> None:
    """One figure as pdf and png, and what it shows as csv."""
    from ebmbench.planning.config import grid
    from ebmbench.planning.figure_selection import select
    from ebmbench.reporting.figures.interface import Inputs
    from ebmbench.workflow.stages.figures import draw

    config, results = arguments.config, arguments.config["results"]
    shown = select(arguments.name, arguments.settings, grid(config), config)
    folders = [job.folder(results) for job in shown.jobs]
    data = [path.with_suffix(".json") for path in shown.data_files(results)]
    draw(shown.kind, shown.settings, Inputs(folders, data, arguments.tables, shown.named), arguments.out)


def calibrate_log_z(arguments: argparse.Namespace) -> None:
    """Estimates of log Z of a known target, repeated."""
    _one_thread()
    from ebmbench.workflow.stages.calibrate import write_log_z

    write_log_z(arguments.name, arguments.settings, arguments.out)


def calibrate_samplers(arguments: argparse.Namespace) -> None:
    """Every sampler on targets whose answers are known."""
    _one_thread()
    from ebmbench.workflow.stages.calibrate import write_samplers

    write_samplers(arguments.settings, arguments.out)


def calibrate_summary(arguments: argparse.Namespace) -> None:
    """Tables and the figure of the log Z study from its parts."""
    from ebmbench.workflow.stages.calibrate import write_summary

    write_summary(arguments.tables, arguments.out)


def _data_facts(config: dict[str, Any]) -> list[Path]:
    """The JSON files of the grid's data sets."""
    from ebmbench.core.cells import data_file
    from ebmbench.planning.config import grid

    files = [data_file(config["results"], job.cell.dataset, job.block) for job in grid(config).jobs]
    return [path.with_suffix(".json") for path in dict.fromkeys(files)]


def _one_thread() -> None:
    """More threads slow small networks down, and would take the cores of other jobs."""
    import torch

    torch.set_num_threads(1)


#: files that not every job has
OPTIONAL = {
    "chosen": "file with the settings that a search has chosen",
    "base": "folder of the run that the cell's family builds on",
    "studied": "folder of the run that the experiment studies",
    "rows": "file of that run's data set",
    "features": "file of the extractor that the experiment judges draws by",
}

#: what is given as JSON
JSON = ("settings", "config", "statistics", "images", "extractors")

PATHS = (
    *("out", "data", "run", "tables", "schemas", "claims", "schema", "reference"),
    *("scores", "root", "found", "results", "published"),
)

VERBS = {
    dataset: ("name", "seeds", "settings", "out"),
    tune: ("cell", "settings", "data", "device", "base", "out"),
    tuning: ("config", "out"),
    time_to_kl: ("config", "tables"),
    matches: ("config", "tables"),
    statistics_claims: ("tables",),
    comparison: ("name", "config", "tables"),
    ranks: ("scores", "out"),
    audit_page: ("tables", "root", "out"),
    audited: ("found",),
    claims: ("claims", "schema", "reference", "out"),
    published: ("tables", "published", "schema"),
    speed: ("reference", "out"),
    site: ("results", "out"),
    train: ("cell", "seeds", "settings", "data", "device", "chosen", "base", "code", "out"),
    tilt: ("cell", "run", "settings", "data", "device", "code", "out"),
    sample: ("run", "settings", "data", "device"),
    score_run: ("run", "data", "statistics"),
    extractor: ("dataset", "images", "name", "settings", "out"),
    image_scores: ("run", "extractors"),
    collect: ("config", "schemas", "out"),
    tables: ("config", "tables"),
    figure: ("name", "settings", "config", "tables", "out"),
    experiment: ("name", "settings", "studied", "rows", "features", "out"),
    calibrate_log_z: ("name", "settings", "out"),
    calibrate_samplers: ("settings", "out"),
    calibrate_summary: ("tables", "out"),
}
