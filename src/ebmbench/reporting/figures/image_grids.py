"""Image samples of each method next to test images."""

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
from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.figures.distributions import checked
from ebmbench.reporting.figures.first_draws import first_draws
from ebmbench.reporting.figures.image_sets import ImageSet, image_sets, names_of
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.pictures import chosen, mosaic, say, show
from ebmbench.reporting.figures.style import SMALL, WIDTH, new_figure, save, styled

__all__ = ["ImageGrids"]

#: panels side by side, the test images included
ACROSS = 5

#: inches above a panel for two or three lines with its name, and below it for one line
NAME, BELOW = 0.3, 0.15


class ImagePanel(NamedTuple):
    """A square of images, ``rows: (n, D)``, or None and a ``note`` with the reason."""

    cell: Cell | None
    run: str
    rows: Tensor | None
    sampler: str = ""
    steps: int = 0
    mark: str = ""
    note: str = ""


@dataclass(frozen=True)
class ImageGrids:
    """Squares of ``side`` x ``side`` images: for each data set the test images, then samples of each method.

    Samples are from the ``distribution`` model, sampler or base, by the first seed that has them, and chosen at random
    by a separate random stream. The text below a square says how they were drawn. Test images exclude classes that were
    left out of training. Without a match, the figure shows the trained methods without matched statistics; data sets
    without images are left out. ``title`` is shown above the panels.
    """

    title: str = ""
    side: PositiveInt = 6
    distribution: str = "sampler"

    def __post_init__(self) -> None:
        check_ranges(self)
        checked(self.distribution)

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Draw; ``stem.csv`` has one row per panel. Raises :class:`UserError` if no data set consists of images."""
        lines = {images.name: self._panels(images) for images in image_sets(inputs)}
        with styled():
            save(self._sheet(lines), self._listed(lines), stem)

    def _panels(self, images: ImageSet) -> list[ImagePanel]:
        """Return the panels: test images first, then the methods."""
        panels = [ImagePanel(None, "", self._some(images.seen(images.first), images.name))]
        for cell, folders in images.cells.items():
            found = first_draws(cell, self.distribution, folders, images.dim)
            if found.seed is None or found.distribution is None or found.draws is None:
                panels.append(ImagePanel(cell, "", None, note=found.note))
                continue
            run, rows = cell.run(found.seed.seed), self._some(found.draws, images.name)
            panels.append(
                ImagePanel(
                    cell, run, rows, found.distribution.method, found.distribution.steps, found.distribution.mark
                )
            )
        return panels

    def _some(self, rows: Tensor, dataset: str) -> Tensor:
        return rows[chosen(len(rows), self.side**2, "image_grids", dataset)]

    def _sheet(self, lines: Mapping[str, Sequence[ImagePanel]]) -> Figure:
        """Draw a data set's panels on as many lines of equal length as needed; the longest line sets the width."""
        parts = [
            (name if start == 0 else "", panels[start : start + across])
            for name, panels in lines.items()
            for across in [math.ceil(len(panels) / math.ceil(len(panels) / ACROSS))]
            for start in range(0, len(panels), across)
        ]
        across = max(len(panels) for _, panels in parts)
        edge = min(WIDTH / across, 2.0)
        figure = new_figure(edge * across, len(parts) * (edge + NAME + BELOW), self.title)
        figure.set_layout_engine("constrained", w_pad=0.03, h_pad=0.02, wspace=0.02, hspace=0)
        grid = figure.subplots(len(parts), across, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for line, (name, panels) in zip(grid, parts, strict=True):
            for axes, one in zip(line, panels, strict=False):
                _draw(axes, one, self.side)
            line[0].set_ylabel(name, fontsize=8)
        return figure

    def _listed(self, lines: Mapping[str, Sequence[ImagePanel]]) -> pd.DataFrame:
        rows = []
        for name, panels in lines.items():
            for one in panels:
                head = (
                    *names_of(name, one.cell),
                    self.distribution if one.cell else "data",
                    one.run,
                    one.sampler,
                    one.steps,
                    one.mark,
                )
                rows.append((*head, 0 if one.rows is None else len(one.rows), one.note))
        return pd.DataFrame(rows, columns=[*AXES, "distribution", "run", "sampler", "steps", "mark", "n", "note"])


def _draw(axes: Axes, one: ImagePanel, side: int) -> None:
    title = "test images" if one.cell is None else method_label(*one.cell[1:]).replace(" · ", "\n")
    axes.set_title(title, fontsize=SMALL, pad=2)
    if one.rows is None:
        say(axes, one.note)
        axes.set(box_aspect=1)
        return
    show(axes, mosaic(one.rows, side, side))
    reported = (one.sampler, f"{one.steps} steps" if one.steps else "", one.mark)
    axes.set_xlabel(", ".join(part for part in reported if part), fontsize=SMALL, labelpad=2)
