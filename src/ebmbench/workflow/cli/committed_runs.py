"""The commands of ``ebmbench`` that check committed runs and keep new ones."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import click

from ebmbench.core.errors import UserError
from ebmbench.workflow.cli.checkout import REFERENCE
from ebmbench.workflow.cli.group import ebmbench, example
from ebmbench.workflow.cli.options import POSITIONAL, AnyPath, Checkout, OptionalPath, command

FreshTables = Annotated[AnyPath, "tables of the fresh run"]
Committed = Annotated[AnyPath, "folder of the committed run"]
RunConfig = Annotated[str, "configuration of the run, below the checkout"]
Commits = Annotated[tuple[str, ...], "commit that the run was made with; repeat it for more than one"]
Rung = Annotated[int | None, click.INT, "the one of the configuration's rungs that was run  [default: the last]"]
Changelog = Annotated[AnyPath, "the changelog"]
Argument = Annotated[str, POSITIONAL]


@command(ebmbench, epilog=example("audit --tables results/smoke/tables --out results/audit"))
def audit(
    tables: FreshTables = Path("results/smoke/tables"),
    root: Checkout = Path(),
    out: Annotated[AnyPath, "folder to write"] = Path("results/audit"),
) -> None:
    """Compare a fresh run with the committed one, and the committed files with their records."""
    from ebmbench.workflow.stages.audit import verdict, write_audit

    write_audit(tables, root, out)
    click.echo(verdict(out / "audit.csv"))


@command(ebmbench, epilog=example("recompute energy_discrepancy_x16 gaussians25 ebm-ed-none --seed 0"))
def recompute(
    grid: Argument,
    dataset: Argument,
    method: Argument,
    seed: Annotated[int, "seed of the run"] = 0,
    code: Annotated[str, click.Choice(["now", "recorded"]), "code of the checkout, or of the run's own commit"] = "now",
    root: Checkout = Path(),
    out: Annotated[OptionalPath, "results folder  [default: results/recompute/ and the grid's name]"] = None,
) -> None:
    """Run one committed run again and compare its numbers digit by digit.

    GRID is a folder of results/reference, DATASET a data set in it, METHOD is family-loss-stats.
    """
    from ebmbench.provenance.audit.recomputed_run import compare, reproduced, summary
    from ebmbench.provenance.recorded_run import configuration, find_run
    from ebmbench.workflow.stages import recompute as stage

    run = find_run(root / REFERENCE, grid, dataset, method, seed)
    found = configuration(run, root)
    recorded = code == "recorded"
    click.echo(stage.about(run, found, root, recorded))
    fresh = stage.recompute(run, found, root, out or Path("results/recompute", grid), recorded)
    compared = compare(fresh, run.folder / "scores.csv", run.name)
    click.echo(stage.shown(compared))
    if not reproduced(compared):
        raise UserError(f"{run.name}: {summary(compared)}")
    click.echo(summary(compared))


@command(
    ebmbench,
    epilog=example(
        "reference --results results/smoke --committed results/reference/smoke --configfile config/smoke.yaml"
    ),
)
def reference(
    results: Annotated[AnyPath, "results folder of the run to keep"],
    committed: Committed,
    configfile: RunConfig,
    commit: Commits = ("HEAD",),
    log: Changelog = Path("CHANGELOG.md"),
    root: Checkout = Path(),
    rung: Rung = None,
) -> None:
    """Replace a committed run by a fresh one, with its changelog entry and its provenance."""
    from ebmbench.workflow.stages.reference import RunSource, write_reference

    write_reference(results, committed, RunSource(configfile, root, commit, rung), log, _today())


@command(ebmbench, epilog=example("changelog --tables results/smoke/tables --committed results/reference/smoke"))
def changelog(tables: FreshTables, committed: Committed, log: Changelog = Path("CHANGELOG.md")) -> None:
    """Add the differences between a fresh run and the committed one to the changelog."""
    from ebmbench.workflow.stages.changelog import write_changelog

    write_changelog(tables, committed, log, _today())


@command(ebmbench, epilog=example("provenance --committed results/reference/smoke --configfile config/smoke.yaml"))
def provenance(
    committed: Committed,
    configfile: Annotated[str, "as for reference; none for tables that hold no runs"] = "",
    commit: Commits = ("HEAD",),
    root: Checkout = Path(),
    rung: Rung = None,
) -> None:
    """Write the commit, configuration, code and file digests of a committed run to its provenance.json."""
    from ebmbench.workflow.stages.run_manifest import write_run_manifest, write_table_manifest

    if configfile:
        write_run_manifest(committed, configfile, root, commit, rung)
    else:
        write_table_manifest(committed, root, commit)


@command(ebmbench, epilog=example("tolerances --results results/older --results results/moved"))
def tolerances(
    results: Annotated[tuple[Path, ...], "results folder of a repetition with the same seeds; give two or more"],
    committed: Committed = Path(REFERENCE, "smoke"),
) -> None:
    """Measure how far values of a committed run move for harmless reasons: the tolerances of its audit."""
    from ebmbench.workflow.stages.tolerances import write_tolerances

    write_tolerances(committed, [Path(folder) for folder in results])


@command(ebmbench, epilog=example("pages --committed results/reference/default"))
def pages(committed: Committed, root: Checkout = Path()) -> None:
    """Make the pages of a committed run anew from its tables, and record their digests."""
    from ebmbench.workflow.stages.committed_pages import write_committed_pages

    for line in write_committed_pages(committed, root):
        click.echo(line)


@command(ebmbench, epilog=example("quotes"))
def quotes(root: Checkout = Path()) -> None:
    """Rewrite the table rows that README.md and docs/results quote from committed pages."""
    from ebmbench.workflow.stages.quotes import write_quotes

    for line in write_quotes(root):
        click.echo(line)


def _today() -> date:
    return datetime.now(UTC).date()
