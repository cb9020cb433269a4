"""Performance profiles of methods over data sets, one panel per metric."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ebmbench.core.cells import AXES
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.columns import heading
from ebmbench.reporting.comparison.distance import scale_of
from ebmbench.reporting.comparison.performance_profile import COLUMNS, profile
from ebmbench.reporting.comparison.rank_blocks import Block
from ebmbench.reporting.figures.courses import legend, legend_height
from ebmbench.reporting.figures.interface import Method
from ebmbench.reporting.figures.style import GREY, WIDTH, Look, log_scale, looks, new_figure, save, styled

#: inches of a panel's height; panels per row
HEIGHT, ACROSS = 2.4, 2


def draw(blocks: Sequence[Block], stem: Path) -> None:
    """Write ``stem.pdf``, ``stem.png`` and ``stem.csv``: fraction of data sets within a distance of the best method.

    The left end of a curve is the fraction on which the method is best, its right end that on which it has a result.
    """
    drawn = pd.concat([profile(of) for of in blocks]) if blocks else pd.DataFrame(columns=list(COLUMNS))
    styles = looks(sorted({name for of in blocks for name in of.values}))
    down = -(-len(blocks) // ACROSS)
    with styled():
        title = "" if blocks else "no two methods have two data sets in common"
        figure = new_figure(WIDTH, max(HEIGHT * down + legend_height(styles), 0.5), title)
        panels: list[Axes] = list(figure.subplots(down, ACROSS, squeeze=False).flat) if blocks else []
        for axes, of in zip(panels, blocks, strict=False):
            _panel(axes, of, styles)
        for axes in panels[len(blocks) :]:
            axes.set_visible(False)
        legend(figure, styles)
        save(figure, drawn, stem)


def _panel(axes: Axes, of: Block, styles: dict[Method, Look]) -> None:
    """Draw one metric: factors of the best on a logarithmic axis, or differences on one that is linear near 0."""
    table, scale = profile(of), scale_of(of.column.metric)
    positive = table["distance"][table["distance"] > 0]
    near = scale.margin or (float(positive.quantile(0.25)) if len(positive) else 1.0)
    end = max(1.05 * float(table["distance"].max()), 2 * near)
    shown = np.exp if scale.ratio else np.asarray
    for name, steps in table.groupby(list(AXES[1:]), sort=True):
        across = shown(np.append(steps["distance"], end))
        up = np.append(steps["fraction"], steps["fraction"].iloc[-1])
        axes.plot(across, up, drawstyle="steps-post", markevery=max(1, len(across) // 3), **styles[name].of_line())
    axes.axvline(float(shown(scale.margin)), color=GREY, linewidth=0.6, linestyle=":")
    axes.set(ylim=(0, 1.03), ylabel="fraction of data sets")
    axes.set_title(f"{heading(of.column)}, {of.column.split}: {len(of.values)} data sets")
    (_factors if scale.ratio else _differences)(axes, of, near)
    axes.set_xlim(*shown(np.array([0.0, end])))


def _factors(axes: Axes, of: Block, near: float) -> None:
    axes.set(xscale="log", xlabel="factor of the best")
    log_scale(axes.xaxis)


def _differences(axes: Axes, of: Block, near: float) -> None:
    axes.set_xscale("symlog", linthresh=near)
    axes.set_xlabel(f"difference to the best{described(of.column.metric).in_brackets}")
