"""Heat map of the exact KL divergence over the settings of a loss."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ebmbench.core.cells import AXES
from ebmbench.reporting.figures import style
from ebmbench.reporting.figures.densities import exact_kl
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.outcomes import ABSENT, failures
from ebmbench.reporting.figures.sweep import OverSettings, ParameterSweep, SweepPlace
from ebmbench.reporting.number_text import interval_text

__all__ = ["AblationHeatMap"]

#: dark is low, which is better
COLOURS = "viridis"

#: above this relative luminance of the background, black text is easier to read than white
LIGHT = 0.18

#: inches: width and height of a field, space beside a map and around it
WIDE, HIGH, ASIDE, AROUND = 1.1, 0.5, 0.9, 0.75


@dataclass(frozen=True)
class AblationHeatMap(OverSettings):
    """KL(data || model) in nats on a logarithmic colour scale: rows and columns are values of a loss's settings.

    One map per data set, one scale for all. A field shows the mean over seeds, half the width of its 95 %
    t-interval, and how many seeds failed in which way; a grey, hatched field has no value.
    """

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Draw from summary.csv and the runs' settings and outcomes."""
        found = self.sweep(inputs)
        drawn = fields(inputs, found)
        with style.styled():
            style.save(_drawn(found, drawn, self.title), drawn, stem)


def fields(inputs: Inputs, found: ParameterSweep) -> pd.DataFrame:
    """Return one row per cell: settings, mean KL, interval, seeds in the mean, and a ``note`` on the other seeds."""
    exact, folders = exact_kl(inputs.table("summary")), inputs.cells()
    rows = []
    for cell in found.cells.values():
        row = exact.loc[cell] if cell in exact.index else {"mean": math.nan, "seeds": 0}
        kept = {name: row.get(name) for name in ("mean", "ci_low", "ci_high", "seeds", "failed", "failures")}
        # a run with status ok may still lack a KL; only the scores record that
        note = failures(folders[cell]) or ("" if pd.isna(kept["failures"]) else kept["failures"])
        rows.append(cell._asdict() | kept | {"note": note if note or kept["seeds"] else "no exact KL"})
    table = pd.DataFrame(rows)
    return table.join(found.settings(table[list(AXES)].to_numpy().tolist()))


def _drawn(found: ParameterSweep, drawn: pd.DataFrame, title: str) -> Figure:
    datasets, width = found.datasets, ASIDE + WIDE * len(found.columns)
    across = min(len(datasets), max(1, int((style.WIDTH - ASIDE) / width)))
    down = -(-len(datasets) // across)
    figure = style.new_figure(across * width + ASIDE, down * (AROUND + HIGH * len(found.rows)), title)
    maps = figure.subplots(down, across, squeeze=False)
    for axes in maps.flat:
        axes.set_axis_off()
    means = drawn["mean"][drawn["mean"] > 0]
    low = means.min() if len(means) else 1.0
    norm = LogNorm(low, max(means.max(), 1.1 * low) if len(means) else 2.0)
    for axes, dataset in zip(maps.flat, datasets, strict=False):
        _map(axes, found, dataset, drawn, norm)
    bar = figure.colorbar(ScalarMappable(norm, COLOURS), ax=maps, pad=0.02)
    style.log_scale(bar.ax.yaxis)
    bar.set_label("KL(data || model) (nats),\nlower is better")
    return figure


def _map(axes: Axes, found: ParameterSweep, dataset: str, drawn: pd.DataFrame, norm: LogNorm) -> None:
    """Draw the fields of one data set."""
    axes.set_axis_on()
    rows = {tuple(row[axis] for axis in AXES): row for _, row in drawn.iterrows()}
    for y, row in enumerate(found.rows):
        for x, column in enumerate(found.columns):
            cell = found.cells.get(SweepPlace(dataset, row, column))
            _field(axes, x, y, None if cell is None else rows[cell], norm)
    axes.set(xlim=(-0.5, len(found.columns) - 0.5), ylim=(len(found.rows) - 0.5, -0.5), title=dataset)
    axes.set_xticks(range(len(found.columns)), [found.column_label(column) for column in found.columns])
    axes.set_yticks(range(len(found.rows)), [found.row_label(row) for row in found.rows])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _field(axes: Axes, x: int, y: int, row: pd.Series | None, norm: LogNorm) -> None:
    """Draw one field: coloured by its value, grey and hatched without a value, empty without a cell."""
    corner, size = (x - 0.48, y - 0.47), (0.96, 0.94)
    if row is None:
        _write(axes, x, y, ABSENT, style.GREY)
    elif row["mean"] > 0:
        colour = colormaps[COLOURS](norm(row["mean"]))
        axes.add_patch(Rectangle(corner, *size, facecolor=colour, linewidth=0))
        reported = interval_text(row["mean"], row["ci_high"] - row["mean"], positive=True)
        _write(axes, x, y, f"{reported}\n{row['note']}".strip(), "black" if _luminance(colour) > LIGHT else "white")
    else:
        axes.add_patch(Rectangle(corner, *size, facecolor="#d9d9d9", edgecolor="#bdbdbd", hatch="////", linewidth=0))
        _write(axes, x, y, row["note"], "black", {"facecolor": "#d9d9d9", "linewidth": 0, "pad": 1.0})


def _write(axes: Axes, x: int, y: int, words: str, colour: str, box: dict[str, object] | None = None) -> None:
    axes.text(x, y, words, ha="center", va="center", fontsize=style.SMALL, color=colour, bbox=box)


def _luminance(colour: tuple[float, ...]) -> float:
    """Return the relative luminance of an sRGB colour, 0 to 1 (WCAG 2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))
