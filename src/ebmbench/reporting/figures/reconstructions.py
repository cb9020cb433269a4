"""Test images and their reconstructions from each method's latents."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.errors import UserError
from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.evaluation.contract import RECONSTRUCTION, RunFiles
from ebmbench.evaluation.metrics.reconstruction import NAME
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.figures.image_sets import ImageSet, image_sets, names_of
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.outcomes import RunOutcomes, Seed, note, outcome, seeds_of
from ebmbench.reporting.figures.pictures import mosaic, say, show
from ebmbench.reporting.figures.style import SMALL, WIDTH, new_figure, save, styled
from ebmbench.reporting.number_text import interval_text

__all__ = ["Reconstructions"]

#: inches for the names left of a line, for the numbers right of it, and above a data set
LEFT, RIGHT, ABOVE = 1.2, 1.05, 0.3

#: note on a successful run without valid decoded latents
NOTHING = "not decoded"


class ReconstructionLine(NamedTuple):
    """Images side by side, ``rows: (n, D)``, or None and a ``note`` with the reason.

    ``mse``: mean over seeds of the mean squared error; ``half``: half the length of its 95 % interval; NaN if unknown.
    """

    cell: Cell | None
    run: str
    rows: Tensor | None
    note: str = ""
    mse: float = math.nan
    half: float = math.nan
    seeds: int = 0


@dataclass(frozen=True)
class Reconstructions:
    """For each data set a line of ``shown`` test images, and below it their reconstructions by each method.

    All are of one seed, the first at which most methods have reconstructions. Next to a line is the mean over seeds of
    the mean squared error over test images and pixels, with half its 95 % interval. Methods that infer no latents are
    left out, and so are data sets without a method that does. Without a match, the figure shows the trained methods
    without matched statistics. ``title`` is shown above the panels.
    """

    title: str = ""
    shown: PositiveInt = 12

    def __post_init__(self) -> None:
        check_ranges(self)

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Draw; ``stem.csv`` has one row per line. Raises :class:`UserError` if no method infers latents of images."""
        errors = _errors(inputs.table("summary"))
        found = {images.name: self._lines(images, errors) for images in image_sets(inputs)}
        lines = {name: own for name, own in found.items() if len(own) > 1}
        if not lines:
            raise UserError("figure reconstructions: it shows no method that infers latents; select some with match")
        with styled():
            save(self._sheet(lines), _listed(lines), stem)

    def _lines(self, images: ImageSet, errors: pd.DataFrame) -> list[ReconstructionLine]:
        """Return the line of test images, then those of the methods that infer latents."""
        held = {cell: _decoded(folders) for cell, folders in images.cells.items()}
        kept = {cell: seeds for cell, seeds in held.items() if _infers(images.cells[cell])}
        places = [seed for seeds in kept.values() for seed in seeds]
        seed = max(images.files, key=lambda one: (places.count(one), -one))
        test = images.rows(seed, "test")
        lines = [ReconstructionLine(None, "", test[: self.shown])]
        for cell, seeds in kept.items():
            mse = errors.loc[cell].to_dict() if cell in errors.index else {}
            if seed not in seeds:
                ends = [outcome(one) for one in seeds_of(images.cells[cell])]
                ends = [RunOutcomes(NOTHING, None) if one.word == "ok" else one for one in ends]
                lines.append(ReconstructionLine(cell, "", None, note(ends, len(ends)).replace("\n", " "), **mse))
                continue
            rows = RunFiles(seeds[seed].folder).reconstruction(str(seed), (len(test), images.dim))
            lines.append(ReconstructionLine(cell, cell.run(seed), rows[: self.shown], "", **mse))
        return lines

    def _sheet(self, lines: Mapping[str, Sequence[ReconstructionLine]]) -> Figure:
        width = WIDTH - LEFT - RIGHT
        high, count = width / self.shown, sum(map(len, lines.values()))
        height = count * high + len(lines) * ABOVE
        figure = new_figure(WIDTH, height, self.title)
        figure.set_layout_engine("constrained", rect=(LEFT / WIDTH, 0, width / WIDTH, 1), w_pad=0, h_pad=0.01, hspace=0)
        ratios = [len(own) for own in lines.values()]
        blocks = figure.subfigures(len(lines), 1, squeeze=False, height_ratios=ratios)[:, 0]
        for block, (name, own) in zip(blocks, lines.items(), strict=True):
            grid = block.subplots(len(own), 1, squeeze=False)[:, 0]
            grid[0].set_title(name, pad=3)
            for axes, one in zip(grid, own, strict=True):
                _draw(axes, one, self.shown)
        return figure


def _decoded(folders: Sequence[Path]) -> dict[int, Seed]:
    """Return the seeds of a cell that have decoded latents."""
    return {seed.seed: seed for seed, run in _runs(folders) if _ok(run, seed)}


def _infers(folders: Sequence[Path]) -> bool:
    """Whether a cell's models infer latents, successfully or not."""
    return any(run.tells(str(seed.seed), RECONSTRUCTION) for seed, run in _runs(folders))


def _runs(folders: Sequence[Path]) -> list[tuple[Seed, RunFiles]]:
    files = {folder: RunFiles(folder) for folder in folders}
    return [(seed, files[seed.folder]) for seed in seeds_of(folders)]


def _ok(run: RunFiles, seed: Seed) -> bool:
    key = str(seed.seed)
    return run.tells(key, RECONSTRUCTION) and run.outcome(key, RECONSTRUCTION).status == "ok"


def _errors(summary: pd.DataFrame) -> pd.DataFrame:
    """Return ``mse``, ``half`` and ``seeds`` by cell."""
    rows = summary[(summary["metric"] == NAME) & (summary["distribution"] == "model")].set_index(list(AXES))
    half = rows["ci_high"] - rows["mean"]
    return pd.DataFrame({"mse": rows["mean"], "half": half, "seeds": rows["seeds"]})


def _draw(axes: Axes, one: ReconstructionLine, across: int) -> None:
    label = "test images" if one.cell is None else method_label(*one.cell[1:])
    _beside(axes, -0.01, "right", label)
    if one.rows is None:
        say(axes, one.note)
        axes.set(box_aspect=1 / across)
    else:
        show(axes, mosaic(one.rows, across))
    if one.cell is None:
        text = "mean squared error\n(lower is better)"
    else:
        text = "" if math.isnan(one.mse) else interval_text(one.mse, one.half, positive=True)
    _beside(axes, 1.01, "left", text)


def _beside(axes: Axes, at: float, align: str, text: str) -> None:
    """Write text next to a line, in the space reserved for it, so that the layout does not shrink the line."""
    axes.text(at, 0.5, text, ha=align, va="center", fontsize=SMALL, transform=axes.transAxes, in_layout=False)


def _listed(lines: Mapping[str, Sequence[ReconstructionLine]]) -> pd.DataFrame:
    rows = []
    for name, own in lines.items():
        for one in own:
            head = (*names_of(name, one.cell), one.run, 0 if one.rows is None else len(one.rows), one.note)
            rows.append((*head, one.mse, one.half, one.seeds))
    return pd.DataFrame(rows, columns=[*AXES, "run", "n", "note", NAME, f"{NAME}_half_interval", f"{NAME}_seeds"])
