"""``ebmbench stage``: the commands that the workflow's rules call, one for each stage.

Each command imports its stage when it is called, so that help and bad usage need no torch.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import click

from ebmbench.core.errors import UserError
from ebmbench.workflow.cli.options import AnyPath, CellName, Device, Json, OptionalPath, Parsed, command, json_object

#: paths that only some jobs have
Base = Annotated[OptionalPath, "folder of the run that the cell's family builds on"]
Before = Annotated[OptionalPath, "trials.csv of the stage of the search before this one"]
Chosen = Annotated[OptionalPath, "file with the settings that a search has chosen"]
Studied = Annotated[OptionalPath, "folder of the run that the experiment studies"]
Examples = Annotated[OptionalPath, "file of that run's data set"]
Features = Annotated[OptionalPath, "file of the extractor whose features the experiment compares"]
ReadAs = Annotated[str, "text of the facts that changes when a local file of the data set has changed"]
OptionalJson = Annotated[dict[str, Any] | None, Parsed("json", json_object), "overrides of the defaults"]


@click.group()
def stage() -> None:
    """Run one stage of the workflow; `ebmbench stage --help` lists them."""
    # torch reads it at its import: more threads slow small networks down and take the cores of other jobs
    os.environ["OMP_NUM_THREADS"] = "1"


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
def table_page(
    name: str,
    settings: Json,
    out: AnyPath,
    data: Annotated[tuple[Path, ...], click.Path(path_type=Path), "file of facts of each block of seeds"] = (),
) -> None:
    """Write the page of a table: its columns, correlations and what was done to its rows."""
    from ebmbench.core import plugins
    from ebmbench.workflow.stages.table_page import write_table_page

    write_table_page(plugins.load_entry("dataset", name, settings), name, data, out)


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
    finished: Annotated[OptionalPath, "tuning.csv to take this search from, in place of the other files"] = None,
) -> None:
    """Search a cell's settings on seeds that the grid does not use, or take them from a finished search."""
    if finished:
        from ebmbench.workflow.stages.finished_search import write_finished_search

        return write_finished_search(cell, settings, finished, out)
    from ebmbench.workflow.stages.tune import SearchInputs, write_search

    if data is None:
        raise UserError("tune: --data is missing; allowed: a file of rows, or --finished with a tuning.csv")
    return write_search(cell, settings, data, device, code, out, SearchInputs(before, base))


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
def sample(run: AnyPath, settings: Json, data: AnyPath, device: Device) -> None:
    """Write samples, log-densities and log Z of a job's models."""
    from ebmbench.workflow.stages.sample import Plan, write_samples

    write_samples(run, Plan.of(settings), data, device)


@command(stage)
def score_run(run: AnyPath, data: AnyPath, statistics: Json) -> None:
    """Score a job's samples and log-densities."""
    from ebmbench.models.statistics.sets import load_set
    from ebmbench.workflow.stages.score import write_scores

    write_scores(run, data, {name: load_set(parts) for name, parts in statistics.items()})


@command(stage)
def extractor(dataset: str, images: Json, name: str, settings: Json, out: AnyPath) -> None:
    """Write a feature extractor for a set of images, and the features of these images."""
    from ebmbench.core import plugins
    from ebmbench.workflow.stages.extractor import write_extractor

    plugin = plugins.load("extractor", name, **settings)
    write_extractor(plugins.load_entry("dataset", dataset, images), name, plugin, out)


@command(stage)
def image_scores(run: AnyPath, data: AnyPath, extractors: Json) -> None:
    """Score a job's samples by features of images."""
    from ebmbench.workflow.stages.image_scores import write_image_scores

    write_image_scores(run, data, {name: Path(path) for name, path in extractors.items()})


@command(stage)
def collect(config: Json, schemas: AnyPath, out: AnyPath) -> None:
    """Collect every job's scores, runs, curves and statistics, and list the skipped cells."""
    from ebmbench.planning.config import planned
    from ebmbench.workflow.stages.collect import collect as write_collected
    from ebmbench.workflow.stages.collect import skipped_table
    from ebmbench.workflow.stages.job_folders import job_folders

    plan = planned(config)
    with job_folders(plan.jobs, plan.seeds, config["results"]) as folders:
        write_collected(folders, skipped_table(plan.skipped), out, schemas, config["extractors"])


@command(stage)
def partial_tables(config: Json, schemas: AnyPath) -> None:
    """Write the tables of an unfinished grid, and print why runs are missing."""
    from ebmbench.workflow.stages.partial_tables import write_partial_tables

    click.echo("\n".join(write_partial_tables(config, schemas)))


@command(stage)
def tables(config: Json, tables: AnyPath) -> None:
    """Write the readers' tables from the collected scores."""
    from ebmbench.core.cells import data_file
    from ebmbench.planning.config import planned
    from ebmbench.workflow.stages.tables import write_tables

    files = [data_file(config["results"], job.cell.dataset, job.block) for job in planned(config).jobs]
    write_tables(tables, [path.with_suffix(".json") for path in dict.fromkeys(files)])


@command(stage)
def tuning(config: Json, out: AnyPath) -> None:
    """Write every trial of every search into one table, and the chosen settings."""
    from ebmbench.planning.config import grid
    from ebmbench.workflow.stages.tuning_table import write_tuning_table

    write_tuning_table(list(grid(config).spaces), config, out)


@command(stage)
def time_to_kl(config: Json, tables: AnyPath) -> None:
    """Compare the cost of reaching a KL with that of a reference method."""
    from ebmbench.workflow.stages.time_to_kl import write_time_to_kl

    write_time_to_kl(config["time_to_kl"], tables)


@command(stage)
def experiment(
    name: str, settings: Json, out: AnyPath, studied: Studied = None, rows: Examples = None, features: Features = None
) -> None:
    """Write the tables and the figure of an experiment."""
    from ebmbench.workflow.stages.experiment import ExperimentInputs, write_experiment

    write_experiment(name, settings, out, ExperimentInputs(studied, rows, features))


@command(stage)
def matches(config: Json, tables: AnyPath) -> None:
    """Report which runs match the data's statistics."""
    from ebmbench.planning.cell_dependencies import targets
    from ebmbench.planning.config import grid
    from ebmbench.workflow.stages.moment_match_report import write_moment_match_report

    settings = grid(config).settings
    matched = {cell: targets(cell, own, config) for cell, own in settings.items() if own["statistics"]}
    write_moment_match_report(matched, tables)


@command(stage)
def statistics_claims(tables: AnyPath) -> None:
    """Check the papers' claims about fixed statistics."""
    from ebmbench.workflow.stages.statistics_claims import write_statistics_claims

    write_statistics_claims(tables)


@command(stage)
def ranks(scores: AnyPath, curves: AnyPath, facts: AnyPath, out: AnyPath) -> None:
    """Rank methods across data sets and test which ranks differ."""
    from ebmbench.workflow.stages.ranks import RankSources, write_ranks

    write_ranks(RankSources(scores, curves, facts), out)


@command(stage)
def controls(scores: AnyPath, out: AnyPath) -> None:
    """Decide whether each metric passes its controls on each data set."""
    from ebmbench.workflow.stages.controls import write_controls

    write_controls(scores, out)


@command(stage)
def ladder(tables: Json, stem: AnyPath) -> None:
    """Compare the rungs of a grid, given the folder of tables of each."""
    from ebmbench.workflow.stages.ladder import write_ladder

    write_ladder({int(rung): Path(folder) for rung, folder in tables.items()}, stem)


@command(stage)
def paired_differences(scores: AnyPath, out: AnyPath) -> None:
    """Compare all methods of each data set, paired by seed."""
    from ebmbench.workflow.stages.paired_differences import write_paired_differences

    write_paired_differences(scores, out)


@command(stage)
def audit_page(tables: AnyPath, root: AnyPath, out: AnyPath) -> None:
    """Write the audit of a fresh run against the committed one; a failed check is no error here."""
    from ebmbench.workflow.stages.audit import write_audit

    write_audit(tables, root, out)


@command(stage)
def audited(found: AnyPath) -> None:
    """Print the checks of a written audit; fail if one of them failed."""
    from ebmbench.workflow.stages.audit import verdict

    click.echo(verdict(found))


@command(stage)
def claims(claims: AnyPath, schema: AnyPath, reference: AnyPath, out: AnyPath) -> None:
    """Evaluate the papers' claims on the committed runs."""
    from ebmbench.workflow.stages.claims import write_claims

    write_claims(claims, schema, reference, out)


@command(stage)
def published(tables: AnyPath, published: AnyPath, schema: AnyPath) -> None:
    """Compare the grid's numbers with those of the literature."""
    from ebmbench.workflow.stages.literature import write_literature_comparison

    write_literature_comparison(tables, published, schema)


@command(stage)
def speed(reference: AnyPath, out: AnyPath) -> None:
    """Write the cost of the suite beyond training."""
    from ebmbench.workflow.stages.speed import write_speed

    write_speed(reference, out)


@command(stage)
def site(results: AnyPath, out: AnyPath) -> None:
    """Write the static page of committed results."""
    from ebmbench.workflow.stages.site import write_site

    write_site(results, out)


@command(stage)
def comparison(name: str, config: Json, tables: AnyPath) -> None:
    """Compare runs of the same seed."""
    from ebmbench.planning.config import grid
    from ebmbench.workflow.stages.comparisons import write_comparison

    write_comparison(name, grid(config), config, tables)


@command(stage)
def figure(name: str, settings: Json, config: Json, tables: AnyPath, out: AnyPath) -> None:
    """Draw one figure as pdf and png, with its numbers as csv."""
    from ebmbench.planning.config import planned
    from ebmbench.planning.figure_selection import select
    from ebmbench.reporting.figures.interface import Inputs
    from ebmbench.workflow.stages.figures import draw
    from ebmbench.workflow.stages.job_folders import job_folders

    results, plan = config["results"], planned(config)
    shown = select(name, settings, plan, config)
    data = [path.with_suffix(".json") for path in shown.data_files(results)]
    with job_folders(shown.jobs, plan.seeds, results) as folders:
        draw(shown.kind, shown.settings, Inputs(folders, data, tables, shown.named), out)


@command(stage)
def calibrate_energies(out: AnyPath) -> None:
    """Train the energies of which some targets of the calibration consist."""
    from ebmbench.workflow.stages.calibrate import write_energies

    write_energies(out)


@command(stage)
def calibrate_log_z(name: str, out: AnyPath, settings: OptionalJson = None, energies: OptionalPath = None) -> None:
    """Estimate log Z of a target with a known answer, repeatedly."""
    from ebmbench.workflow.stages.calibrate import write_log_z

    write_log_z(name, settings or {}, out, energies)


@command(stage)
def calibrate_samplers(energies: AnyPath, out: AnyPath, settings: OptionalJson = None) -> None:
    """Run every sampler on targets with known answers."""
    from ebmbench.workflow.stages.calibrate import write_samplers

    write_samplers(settings or {}, energies, out)


@command(stage)
def calibrate_summary(tables: AnyPath, out: AnyPath) -> None:
    """Write the tables and the figure of the log Z study from its parts."""
    from ebmbench.workflow.stages.calibrate import write_summary

    write_summary(tables, out)


@command(stage)
def calibrate_known_scores(name: str, out: AnyPath, settings: OptionalJson = None) -> None:
    """Score methods of known order on a problem."""
    from ebmbench.workflow.stages.known_order_scores import write_scores

    write_scores(name, settings or {}, out)


@command(stage)
def calibrate_known_rates(name: str, tables: AnyPath, out: AnyPath, settings: OptionalJson = None) -> None:
    """Measure how often the rules decide rightly by a metric, from the scores of methods of known order."""
    from ebmbench.workflow.stages.known_order_rates import write_rates

    write_rates(name, tables, settings or {}, out)


@command(stage)
def calibrate_matched_rates(name: str, out: AnyPath, settings: OptionalJson = None) -> None:
    """Measure how often the equivalence test of moments is right about oracles tilted by known amounts."""
    from ebmbench.workflow.stages.known_order_rates import write_matched_rates

    write_matched_rates(name, settings or {}, out)


@command(stage)
def calibrate_known_order(tables: AnyPath, out: AnyPath) -> None:
    """Write the table, page and figure of methods of known order from their parts."""
    from ebmbench.workflow.stages.known_order_rates import write_known_order

    write_known_order(tables, out)
