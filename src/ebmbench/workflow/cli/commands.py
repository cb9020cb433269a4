"""The commands of ``ebmbench`` on a user's own tables, grids, models and trained runs, and the pages of methods."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click

from ebmbench.core.errors import UserError
from ebmbench.workflow.choose.time_plan import LEAST_MINUTES
from ebmbench.workflow.cli.checkout import CONFIG, REFERENCE
from ebmbench.workflow.cli.group import ebmbench, example
from ebmbench.workflow.cli.options import POSITIONAL, AnyPath, Checkout, OptionalPath, command
from ebmbench.workflow.cli.paths import AnyName, ExistingFile, NewFile, OutFile, OutFolder
from ebmbench.workflow.cli.whole_number import WholeNumber

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ebmbench.workflow.cli.dataset_entry import DatasetEntry

DatasetName = Annotated[str, "a data set of the configuration, else of a committed run, else a plug-in"]
Seed = Annotated[int, WholeNumber(0), "seed of the data set's split and samples"]
ConfigFile = Annotated[
    OptionalPath, f"the only configuration to look in  [default: {CONFIG}, then those of committed runs]"
]
UnitsOfRows = Annotated[
    str, click.Choice(["model", "own"]), "coordinates in which models see the data, or the data's own units"
]
UnitsOfSamples = Annotated[
    str | None, click.Choice(["model", "own"]), "as for rows  [default: own for a csv file with the columns' names]"
]


@command(ebmbench, epilog=example("init my.yaml"))
def init(path: Annotated[Path, NewFile(), POSITIONAL]) -> None:
    """Write a configuration of a small grid, with comments, to the new file PATH."""
    from ebmbench.workflow.starter import write_starter

    run = write_starter(path)
    click.echo(f"written: {path}\nnext, in a checkout: {run}")


@command(ebmbench, epilog=example("choose mine.csv --minutes 20 --setting drop=id"))
def choose(
    table: Annotated[AnyPath, POSITIONAL],
    minutes: Annotated[float, f"time for everything, on this machine; {LEAST_MINUTES:g} or more"] = 20.0,
    setting: Annotated[
        tuple[str, ...], "KEY=VALUE: a setting of the data set kind table, such as drop=id; repeat it for several"
    ] = (),
    out: Annotated[Path | None, OutFolder(), "results folder  [default: results/choose/ and the file's name]"] = None,
    cores: Annotated[int | None, WholeNumber(1), "number of cores  [default: all]"] = None,
    root: Checkout = Path(),
) -> None:
    """Find out which method fits the table in the file TABLE.

    Trains a Gaussian, a mixture, a kernel density estimate, a flow and energy-based models by several losses, and
    recommends one.
    """
    from ebmbench.workflow.choose.choice import Choosing, Table
    from ebmbench.workflow.choose.settings import parsed_settings

    found = Table.of(table, parsed_settings(setting))
    choosing = Choosing(found, out or Path("results/choose", found.name), root, minutes, cores, click.echo)
    click.echo(f"{table}: {found.columns} columns; configuration: {choosing.configfile}")
    click.echo(choosing.run().page)
    click.echo(f"written: {choosing.configfile.with_name('recommendation.md')}")


@command(ebmbench, epilog=example("rows --dataset ring8_unequal --seed 0 --out rows.npz"))
def rows(
    dataset: DatasetName,
    out: Annotated[Path, OutFile(".npz"), ".npz file to write"],
    seed: Seed = 0,
    units: UnitsOfRows = "model",
    configfile: ConfigFile = None,
    root: Checkout = Path(),
) -> None:
    """Write the train, validation and test rows of a data set as .npz."""
    from ebmbench.evaluation.external_samples.units import UNITS
    from ebmbench.workflow.stages.external_samples import write_rows

    found = _find(dataset, configfile, root)
    copies = write_rows(dataset, found.load(), seed, out, UNITS[units])
    click.echo(f"written: {out}")
    if copies:
        click.echo(copies)
    _echo_note(found)


@command(ebmbench, epilog=example("score --samples mine.npz --dataset ring8_unequal --seed 0"))
def score(
    samples: Annotated[
        tuple[Path, ...],
        AnyName(),
        ".npz, .npy or .csv file with samples (N, D), .npz also with log-densities; repeat it for several seeds",
    ],
    dataset: DatasetName,
    seed: Annotated[
        tuple[int, ...], WholeNumber(0), "seed of the data set for each file, in order  [default: 0, 1, ...]"
    ] = (),
    units: UnitsOfSamples = None,
    configfile: ConfigFile = None,
    root: Checkout = Path(),
    out: Annotated[
        Path | None, OutFolder(), "folder to write  [default: results/given/ and the first file's name]"
    ] = None,
) -> None:
    """Score samples of your own model and compare them with the committed results."""
    from ebmbench.data.own_files.refusal import counted
    from ebmbench.evaluation.external_samples.units import UNITS
    from ebmbench.models.statistics.sets import load_set
    from ebmbench.planning.statistic_sets import parts_of
    from ebmbench.workflow.stages.external_extractors import ExtractorFiles
    from ebmbench.workflow.stages.external_samples import write_external_scores

    files = _by_seed(samples, seed or range(len(samples)))
    found = _find(dataset, configfile, root)
    config = found.config
    sets = {name: load_set(parts_of(name, config["sets"], "config: evaluate")) for name in config["evaluate"]}
    out = out or Path("results/given", samples[0].stem)
    loaded = found.load()
    extractors = ExtractorFiles(
        config["extractors"].get(dataset, {}), root / config["results"] / "extractors", Path("results/given/extractors")
    )
    made = cache(lambda: extractors.of(dataset, loaded))
    placed = write_external_scores(
        files, dataset, loaded, sets, root / REFERENCE, out, made, UNITS[units] if units else None
    )
    first, *others = placed.tables
    click.echo(first)
    more = f" with {counted(len(others), 'more table')} of committed runs" if others else ""
    click.echo(f"written: {out}/scores.csv, {out}/placed.md{more}")
    for note in placed.notes:
        click.echo(note, err=True)
    _echo_note(found)


@command(ebmbench, epilog=example("sample results/runs/moons/ebm-ed-none -n 1000 --out samples.csv"))
def sample(
    run: Annotated[AnyPath, POSITIONAL],
    out: Annotated[Path, OutFile(".csv"), ".csv file to write, in the data's own units, with its columns"],
    n: Annotated[int, WholeNumber(1), "number of samples"] = 1000,
    seed: Annotated[int, WholeNumber(0), "seed of the run"] = 0,
    draw: Annotated[int, WholeNumber(0), "seed of the samples"] = 0,
) -> None:
    """Draw samples from a trained model.

    RUN is a folder results/runs/DATASET/FAMILY-LOSS-STATS.
    """
    from ebmbench.core.files import write_csv
    from ebmbench.workflow.library.trained_model import TrainedModel

    model = TrainedModel.of(run, seed)
    # all digits: a time stamp varies only in the last of them
    write_csv(out, model.sample_frame(n, draw), digits=17)
    click.echo(f"written: {out}, {n} samples of {model.run}")


@command(ebmbench, epilog=example("rungs config/papers/energy_discrepancy.yaml"))
def rungs(configfile: Annotated[Path, ExistingFile(), POSITIONAL]) -> None:
    """Print the rungs of the configuration CONFIGFILE, or 1 where it has none."""
    from ebmbench.planning.rungs import rungs_in

    click.echo(" ".join(map(str, rungs_in(configfile))))


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


def _find(name: str, configfile: Path | None, root: Path) -> DatasetEntry:
    from ebmbench.workflow.cli.dataset_entry import find_dataset

    return find_dataset(name, configfile, root)


def _by_seed(files: Sequence[Path], seeds: Sequence[int]) -> dict[int, Path]:
    """Return the file of each seed; raise :class:`UserError` unless each has one."""
    from ebmbench.data.own_files.refusal import counted

    if len(files) != len(seeds) or len(set(seeds)) < len(seeds):
        listed = ", ".join(map(str, seeds))
        raise UserError(
            f"--seed {listed} for {counted(len(files), 'file')} of samples; allowed: a seed of its own for each"
        )
    return dict(zip(seeds, files, strict=True))


def _echo_note(found: DatasetEntry) -> None:
    """Print where a data set was found, unless the user could tell; at the end, so that errors are a single line."""
    if found.note:
        click.echo(found.note, err=True)
