"""``ebmbench stage``: the stages that make tables and figures of the runs of a grid."""

from __future__ import annotations

from pathlib import Path

import click

from ebmbench.workflow.cli.group import stage
from ebmbench.workflow.cli.options import AnyPath, Json, command


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
