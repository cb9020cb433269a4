"""Distributions on a curve: samples of each method around the curve, and their distribution along it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ebmbench.core.cells import Cell
from ebmbench.core.columns import BASE, MODEL
from ebmbench.core.files import read_json, write_csv
from ebmbench.evaluation.data_files import DataFiles
from ebmbench.evaluation.metrics.manifold import ARCS, RESOLUTION
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.figures.interface import Inputs, Method
from ebmbench.reporting.figures.on_curve import (
    TURN,
    CurvePanel,
    LegendLine,
    Score,
    data_panel,
    has_base,
    listed,
    panel,
    points,
)
from ebmbench.reporting.figures.style import BLACK, GREY, SMALL, WIDTH, look, new_figure, save, styled
from ebmbench.reporting.number_text import interval_text

__all__ = ["ManifoldPanels"]

#: panels side by side, including the data's
ACROSS = 7

#: half the side of a panel of samples, relative to the largest coordinate of the curve
FRAME = 1.45

#: height of a panel of densities, relative to the side of the square above it
LOW = 0.6

#: upper end of a density axis, relative to the largest exact density
ROOM = 1.5

#: alignments of the three labels of an angle axis
_SIDES: tuple[Literal["left", "center", "right"], ...] = ("left", "center", "right")

#: box behind text, over the drawing
BOX = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.6}


@dataclass(frozen=True)
class ManifoldPanels:
    """Rows are data sets on a curve; columns are the data and each method, preceded by the base alone of each family.

    Above: model samples in the first two coordinates and the curve, with the samples' mean distance to it (d). Below:
    the exact density of the angle, and the histogram of the samples' nearest points over the arcs used for the
    reported total variation (TV). Samples are those of the first seed that has any; numbers are means over seeds with
    half a 95 % interval. The data's column shows the errors of the test set itself, which are due to chance. Data sets
    without a curve are left out. ``title`` is shown above the panels.
    """

    title: str = ""

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Write the figure, ``stem.csv`` (one row per panel and arc) and ``stem_draws.csv`` (the samples shown)."""
        lines = _lines(inputs)
        with styled():
            save(_sheet(lines, self.title), listed(lines), stem)
        write_csv(stem.with_name(f"{stem.name}_draws.csv"), points(lines))


def _lines(inputs: Inputs) -> list[LegendLine]:
    cells, summary = inputs.plain_cells(), inputs.table("summary")
    columns = _columns(cells)
    lines: list[LegendLine] = []
    for path in dict.fromkeys(inputs.data_files):
        data = DataFiles(path.with_suffix(".safetensors"))
        if data.curve is None or data.name in [line.dataset for line in lines]:
            continue
        panels = [data_panel(data, data.curve, next(iter(read_json(path)["sizes"])))]
        for method, distribution in columns:
            cell = Cell(data.name, *method)
            one = panel(cell, distribution, cells.get(cell, []), data.curve, summary)
            panels.append(one._replace(title=_title(method, distribution)))
        lines.append(LegendLine(data.name, data.curve, panels))
    return lines


def _columns(cells: Mapping[Cell, Sequence[Path]]) -> list[tuple[Method, str]]:
    """Return the columns as (method, distribution) from left to right."""
    found: dict[tuple[Method, str], None] = {}
    based: set[str] = set()
    for cell, folders in cells.items():
        if cell.family not in based and has_base(folders):
            based.add(cell.family)
            found[cell[1:], BASE] = None
        found[cell[1:], MODEL] = None
    return list(found)


def _title(method: Method, distribution: str) -> str:
    return f"{method[0]}\nbase alone" if distribution == BASE else method_label(*method).replace(" · ", "\n")


def _sheet(lines: Sequence[LegendLine], title: str) -> Figure:
    parts = [part for line in lines for part in _cut(line)]
    across = max((len(part.panels) for part in parts), default=1)
    side = min(WIDTH / across, 1.6)
    height = max(1, len(parts)) * (side * (1 + LOW) + 0.4)
    figure = new_figure(max(side * across, 3.0), height + 0.2, title)
    figure.set_layout_engine("constrained", w_pad=0.02, h_pad=0.02, wspace=0.02, hspace=0)
    grid = figure.subplots(2 * max(1, len(parts)), across, squeeze=False, height_ratios=[1, LOW] * max(1, len(parts)))
    for axes in grid.flat:
        axes.set_axis_off()
    for upper, lower, part in zip(grid[::2], grid[1::2], parts, strict=False):
        for above, below, one in zip(upper, lower, part.panels, strict=False):
            _draws(above, one, part)
            _density(below, one, part)
        _label(upper[0], lower[0], part)
    figure.supxlabel(
        "angle (rad); line: exact density, bars: samples\n"
        "d: mean distance to the curve (data units), TV: total variation along it; lower is better",
        fontsize=8,
    )
    return figure


def _cut(line: LegendLine) -> list[LegendLine]:
    """Split a line into lines of roughly equal length, at most :data:`ACROSS` panels each."""
    across = -(-len(line.panels) // -(-len(line.panels) // ACROSS))
    return [line._replace(panels=line.panels[start : start + across]) for start in range(0, len(line.panels), across)]


def _draws(axes: Axes, one: CurvePanel, line: LegendLine) -> None:
    """Draw samples and the curve in the first two coordinates."""
    curve = line.curve.points[:, :2].numpy()
    end = FRAME * np.abs(curve).max()
    axes.set_axis_on()
    axes.set(xticks=[], yticks=[], aspect="equal", xlim=(-end, end), ylim=(-end, end))
    axes.spines[:].set_visible(True)
    axes.set_title(one.title, fontsize=SMALL, pad=2)
    axes.plot(*np.concatenate([curve, curve[:1]]).T, color=BLACK, linewidth=0.5)
    if one.draws is None:
        _centred(axes, one.note)
        return
    x, y = one.draws.points.T
    axes.scatter(x, y, s=2.5, color=_colour(one), alpha=0.3, linewidths=0, rasterized=True, zorder=3)
    _corner(axes, 0.04, "bottom", f"d {_reported(one.distance)}")


def _density(axes: Axes, one: CurvePanel, line: LegendLine) -> None:
    """Draw the distribution along the curve."""
    exact = line.exact()
    axes.set_axis_on()
    axes.set(xlim=(0, TURN), ylim=(0, ROOM * exact.max()), yticks=[])
    axes.set_xticks([0, math.pi, TURN], ["0", "π", "2π"])
    for label, side in zip(axes.get_xticklabels(), _SIDES, strict=True):
        label.set_horizontalalignment(side)
    if one.draws is not None:
        axes.stairs(one.draws.density, TURN * np.arange(ARCS + 1) / ARCS, fill=True, color=_colour(one), alpha=0.55)
        _corner(axes, 0.96, "top", f"TV {_reported(one.tv)}")
    axes.plot(TURN * (np.arange(len(exact)) + 0.5) / len(exact), exact, color=BLACK, linewidth=0.8)


def _label(above: Axes, below: Axes, line: LegendLine) -> None:
    above.set_ylabel(f"{line.dataset}\nx₁, x₂", fontsize=SMALL)
    below.set_ylabel("density\n(1/rad)", fontsize=SMALL)
    below.set_yticks([0, 0.2, 0.4])


def _colour(one: CurvePanel) -> str:
    if one.cell is None:
        return BLACK
    return GREY if one.distribution == BASE else look(*one.cell[1:]).colour


def _reported(score: Score) -> str:
    if not score.seeds:
        return "unknown"
    if score.mean < RESOLUTION:
        return f"< {RESOLUTION:.0e}"
    return f"{score.mean:.2g}" if math.isnan(score.half) else interval_text(score.mean, score.half, positive=True)


def _corner(axes: Axes, height: float, side: str, text: str) -> None:
    axes.text(0.04, height, text, va=side, fontsize=6, transform=axes.transAxes, bbox=BOX, zorder=5)


def _centred(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, ha="center", va="center", fontsize=SMALL, transform=axes.transAxes, bbox=BOX)
