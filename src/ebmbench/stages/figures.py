"""The figures by name, each from explicit lists of files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ebmbench.errors import UserError
from ebmbench.figures import density_panels, kl_curves, mismatch_bars
from ebmbench.files import read_json
from ebmbench.rows import read_typed


class Inputs(NamedTuple):
    """The files a figure may read: run folders, JSON files of data sets, and the folder of tables."""

    run_dirs: Sequence[Path]
    data_files: Sequence[Path]
    tables: Path


def _density_panels(inputs: Inputs, stem: Path) -> None:
    """Of the trained methods without matched statistics: a tilt by moments is not seen in a density."""
    summary = read_typed(inputs.tables / "summary.csv")
    cells = {folder: read_json(folder / "run.json")["cell"] for folder in inputs.run_dirs}
    shown = [folder for folder, cell in cells.items() if cell["loss"] != "none" and cell["stats"] == "none"]
    density_panels.density_panels(shown, inputs.data_files, summary, stem)


def _kl_against_seconds(inputs: Inputs, stem: Path) -> None:
    _kl(inputs, kl_curves.SECONDS, stem)


def _kl_against_evaluations(inputs: Inputs, stem: Path) -> None:
    _kl(inputs, kl_curves.EVALUATIONS, stem)


def _kl(inputs: Inputs, cost: kl_curves.Cost, stem: Path) -> None:
    curves, runs = read_typed(inputs.tables / "curves.csv"), read_typed(inputs.tables / "runs.csv")
    kl_curves.kl_curves(curves, runs, cost, stem)


def _mismatch_bars(inputs: Inputs, stem: Path) -> None:
    mismatch_bars.mismatch_bars(read_typed(inputs.tables / "summary.csv"), stem)


FIGURES: dict[str, Callable[[Inputs, Path], None]] = {
    "density_panels": _density_panels,
    "kl_seconds": _kl_against_seconds,
    "kl_evaluations": _kl_against_evaluations,
    "mismatch_bars": _mismatch_bars,
}


def draw(name: str, inputs: Inputs, stem: Path) -> None:
    """Write ``stem.pdf``, ``stem.png`` and ``stem.csv`` of the figure ``name`` (a key of :data:`FIGURES`)."""
    if name not in FIGURES:
        raise UserError(f"figure {name!r} is unknown; allowed: {', '.join(FIGURES)}")
    FIGURES[name](inputs, stem)
