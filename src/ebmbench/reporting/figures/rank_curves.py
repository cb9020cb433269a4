"""Mean ranks by exact KL against a quantity with few values: the budget spent so far, or the data's dimension."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from ebmbench.core.cells import AXES
from ebmbench.reporting.comparison.ranking import Method
from ebmbench.reporting.figures.courses import legend, legend_height
from ebmbench.reporting.figures.style import WIDTH, Look, looks, new_figure, save, styled

HEIGHT = 3.0


class RankAxis(NamedTuple):
    """What ranks are drawn against: a column on a scale of powers of two, its label, and the text of one tick.

    ``missing``: the figure's title if the table is empty. ``title`` is that of a table of n data sets.
    """

    column: str
    label: str
    tick: Callable[[float], str]
    missing: str
    title: Callable[[pd.DataFrame], str]


BUDGET = RankAxis(
    "budget_fraction",
    "fraction of the budget (energy + gradient evaluations)",
    lambda fraction: f"1/{round(1 / fraction)}" if fraction < 1 else "1",
    "no curves of KL that two methods and two data sets have in common",
    lambda drawn: f"exact KL: mean rank over {drawn['datasets'].iloc[0]} data sets",
)

DIMENSION = RankAxis(
    "dim",
    "dimension of the data",
    str,
    "no data sets of two dimensions or more with a known density",
    lambda drawn: f"exact KL: mean rank over {_counts(drawn)} data sets per dimension",
)


def draw(drawn: pd.DataFrame, axis: RankAxis, stem: Path) -> None:
    """Write ``stem.pdf``, ``stem.png`` and ``stem.csv``: one curve per method of a table of ranks, best on top."""
    styles = looks(sorted(drawn[list(AXES[1:])].drop_duplicates().itertuples(index=False, name=None)))
    with styled():
        title = "" if styles else axis.missing
        figure = new_figure(WIDTH, HEIGHT + legend_height(styles) if styles else 0.5, title)
        if styles:
            draw_curves(figure.subplots(), drawn, axis, styles)
        legend(figure, styles)
        save(figure, drawn, stem)


def draw_curves(axes: Axes, drawn: pd.DataFrame, axis: RankAxis, styles: Mapping[Method, Look]) -> None:
    """Draw one curve per method, each as ``styles`` has it, on a scale of powers of two."""
    for name, curve in drawn.sort_values(axis.column).groupby(list(AXES[1:]), sort=True):
        axes.plot(curve[axis.column], curve["mean_rank"], **styles[name].of_line())
    values = sorted(drawn[axis.column].unique())
    axes.set_xscale("log", base=2)
    axes.set_xticks(values, [axis.tick(value) for value in values])
    axes.minorticks_off()
    axes.invert_yaxis()
    axes.set(xlabel=axis.label, ylabel="mean rank, 1 is best")
    axes.set_title(axis.title(drawn))


def _counts(drawn: pd.DataFrame) -> str:
    """Return how many data sets each dimension has, once if all have the same number."""
    counts = drawn.drop_duplicates("dim").sort_values("dim")["datasets"]
    return str(counts.iloc[0]) if counts.nunique() == 1 else ", ".join(map(str, counts))
