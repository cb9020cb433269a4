"""Critical-difference diagram: mean ranks of methods over data sets, with bars joining statistically tied methods."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ebmbench.reporting.comparison.columns import heading
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.rank_blocks import LEAST, Block
from ebmbench.reporting.comparison.rank_tables import SUMMARY, significance, summary
from ebmbench.reporting.comparison.ranking import LEVEL
from ebmbench.reporting.figures.style import BLACK, SMALL, WIDTH, look, new_figure, save, styled

#: inches of a panel's title, and of one of its rows of labels or bars
HEAD, ROW = 0.3, 0.17

#: rows above the axis for its numbers and the critical difference, and the height of the latter
ABOVE, PLACE = 3.2, 2.6


def draw(blocks: Sequence[Block], stem: Path) -> None:
    """Write ``stem.pdf``, ``stem.png`` and ``stem.csv``: one panel per block, best on the left.

    Mean ranks on an axis; a bar joins methods among which Nemenyi's test finds no difference at level .05, and CD is
    the smallest significant difference of mean ranks (Demsar 2006). Blocks without tests show ranks only, with the
    reason.
    """
    heights = [HEAD + ROW * (of.values.shape[1] // 2 + ABOVE + (5 if of.tested else 2)) for of in blocks]
    with styled():
        figure = new_figure(
            WIDTH, max(sum(heights), 0.5), "" if blocks else "no two methods have two data sets in common"
        )
        for axes, of in zip(_panels(figure, heights), blocks, strict=True):
            _panel(axes, of)
        save(figure, pd.concat([summary(of) for of in blocks]) if blocks else pd.DataFrame(columns=list(SUMMARY)), stem)


def _panels(figure: Figure, heights: Sequence[float]) -> Sequence[Axes]:
    if not heights:
        return []
    return list(figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0])


def _panel(axes: Axes, of: Block) -> None:
    # a second, which grids of one data set need not spend
    from scikit_posthocs import critical_difference_diagram

    names = {"-".join(name): method_label(*name) for name in of.values}
    colours = {names["-".join(name)]: look(*name).colour for name in of.values}
    mean = of.ranks.mean().set_axis([names["-".join(name)] for name in of.values])
    joined = significance(of).rename(index=names, columns=names)
    reported = summary(of).iloc[0]
    critical_difference_diagram(
        mean,
        joined if of.tested else joined * 0,
        alpha=LEVEL,
        ax=axes,
        label_fmt_left="{label}  {rank:.2f}",
        label_fmt_right="{rank:.2f}  {label}",
        label_props={"fontsize": SMALL},
        color_palette=colours,
        crossbar_props={"color": BLACK, "linewidth": 2.0},
        elbow_props={"linewidth": 0.9},
        marker_props={"s": 10},
    )
    axes.set_ylim(axes.get_ylim()[0], ABOVE)
    if of.tested:
        _critical(axes, mean.min(), reported["critical_difference"])
    axes.tick_params(labelsize=SMALL)
    name = f"{heading(of.column)}, {of.column.split}"
    axes.set_title(f"{name}: mean rank, 1 is best, over {len(of.values)} data sets{_test(of, reported)}")


def _critical(axes: Axes, start: float, length: float) -> None:
    axes.plot([start, start + length], [PLACE, PLACE], color=BLACK, linewidth=1.0, marker="|", markersize=5)
    axes.annotate(
        f"CD = {length:.2f}", (start + length, PLACE), (4, 0), textcoords="offset points", va="center", fontsize=SMALL
    )


def _test(of: Block, reported: pd.Series) -> str:
    if of.tested:
        return f"; Friedman p = {reported['friedman_p']:.2g}"
    return f"\nno test: fewer than {LEAST} data sets" if len(of.values) < LEAST else "\nno test: only two methods"
