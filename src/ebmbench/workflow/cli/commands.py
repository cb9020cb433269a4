"""The commands of ``ebmbench`` for users, listed under headings; the workflow's stages are behind one word."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import click

from ebmbench.workflow.cli.options import AnyPath, OptionalPath, command
from ebmbench.workflow.cli.stages import stage

#: configuration and committed runs of a checkout
CONFIG, REFERENCE = "config/config.yaml", "results/reference"

Checkout = Annotated[AnyPath, "the checkout"]
DatasetName = Annotated[str, "a data set of the configuration"]
Seed = Annotated[int, "seed of the data set's split and samples"]
ConfigFile = Annotated[OptionalPath, f"the configuration  [default: {CONFIG} of the checkout]"]
FreshTables = Annotated[AnyPath, "tables of the fresh run"]
Committed = Annotated[AnyPath, "folder of the committed run"]
RunConfig = Annotated[str, "configuration of the run, below the checkout"]
Commits = Annotated[tuple[str, ...], "commit that the run was made with; repeat it for more than one"]
Changelog = Annotated[AnyPath, "the changelog"]

#: the headings of the help, each with its commands
HEADINGS = {
    "Your own model": ("rows", "score"),
    "Checks": ("audit",),
    "Methods": ("methods", "settings"),
    "Committed runs": ("reference", "changelog", "provenance", "tolerances"),
    "Workflow": ("stage",),
}


class Headings(click.Group):
    """A group whose help lists the commands under :data:`HEADINGS`."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one section for each heading."""
        for heading, names in HEADINGS.items():
            with formatter.section(heading):
                formatter.write_dl([(name, self.commands[name].get_short_help_str(limit=200)) for name in names])


def example(words: str) -> str:
    """Return the last lines of a command's help: an example, which click must not wrap."""
    return f"\b\nExample, in a checkout:\n  ebmbench {words}"


@click.group(cls=Headings, epilog="`ebmbench COMMAND --help` shows a command's options and an example.")
def ebmbench() -> None:
    """Benchmark energy-based generative models: score your own, check the results, keep reference runs."""


@command(ebmbench, epilog=example("rows --dataset ring8_unequal --seed 0 --out rows.npz"))
def rows(
    dataset: DatasetName,
    out: Annotated[AnyPath, ".npz file to write"],
    seed: Seed = 0,
    configfile: ConfigFile = None,
    root: Checkout = Path(),
) -> None:
    """Write the train, validation and test rows of a data set as .npz."""
    from ebmbench.workflow.stages.external_samples import write_rows

    write_rows(dataset, _load_dataset(dataset, _read_config(configfile, root)), seed, out)


@command(ebmbench, epilog=example("score --samples mine.npz --dataset ring8_unequal --seed 0"))
def score(
    samples: Annotated[AnyPath, ".npz file with samples (N, D) and optionally log-densities"],
    dataset: DatasetName,
    seed: Seed = 0,
    configfile: ConfigFile = None,
    root: Checkout = Path(),
    out: Annotated[OptionalPath, "folder to write  [default: results/given/ and the file's name]"] = None,
) -> None:
    """Score samples of your own model and compare them with the committed results."""
    from ebmbench.models.statistics.sets import load_set
    from ebmbench.planning.statistic_sets import parts_of
    from ebmbench.workflow.stages.external_samples import write_external_scores

    config = _read_config(configfile, root)
    sets = {name: load_set(parts_of(name, config["sets"], "config: evaluate")) for name in config["evaluate"]}
    out = out or Path("results/given", samples.stem)
    plugin = _load_dataset(dataset, config)
    click.echo(write_external_scores(samples, dataset, plugin, seed, sets, root / REFERENCE, out))
    click.echo(f"written: {out}/scores.csv, {out}/placed.md")


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


@command(ebmbench, epilog=example("methods > methods.md"))
def methods() -> None:
    """Print the page of all methods, each with its formula, source and file."""
    from ebmbench.reporting.methods_page import methods_page

    click.echo(methods_page(), nl=False)


@command(ebmbench, epilog=example("settings > settings.md"))
def settings() -> None:
    """Print the page of all settings, each with its type, default and meaning."""
    from ebmbench.reporting.settings_page import settings_page

    click.echo(settings_page(), nl=False)


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
) -> None:
    """Replace a committed run by a fresh one, with its changelog entry and its provenance."""
    from ebmbench.workflow.stages.reference import RunSource, write_reference

    write_reference(results, committed, RunSource(configfile, root, commit), log, _today())


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
) -> None:
    """Write the commit, configuration, code and file digests of a committed run to its provenance.json."""
    from ebmbench.workflow.stages.run_manifest import write_run_manifest, write_table_manifest

    if configfile:
        write_run_manifest(committed, configfile, root, commit)
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


ebmbench.add_command(stage)


def _today() -> date:
    return datetime.now(UTC).date()


def _read_config(path: Path | None, root: Path) -> dict[str, Any]:
    """Read and check the configuration at ``path``, or else that of the checkout ``root``."""
    import yaml

    from ebmbench.core.errors import UserError
    from ebmbench.core.schemas import SCHEMAS
    from ebmbench.planning.config import check

    path = path or root / CONFIG
    if not path.is_file():
        raise UserError(f"{path}: the file is missing; run this in a checkout, or give --root or --configfile")
    return check(yaml.safe_load(path.read_text(encoding="utf-8")), SCHEMAS / "config.schema.yaml")


def _load_dataset(name: str, config: dict[str, Any]) -> Any:
    """Load the data set ``name`` of the configuration; raise :class:`UserError` where it has no such entry."""
    from ebmbench.core import plugins
    from ebmbench.core.errors import UserError

    if name not in config["datasets"]:
        raise UserError(f"--dataset {name}: no entry of the configuration; allowed: {', '.join(config['datasets'])}")
    return plugins.load_entry("dataset", name, config["datasets"][name])
