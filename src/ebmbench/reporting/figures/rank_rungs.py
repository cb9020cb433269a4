"""Mean ranks by exact KL at each rung of a grid, against the multiple of the budget and against CPU seconds."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.reporting.figures.courses import legend, legend_height
from ebmbench.reporting.figures.rank_curves import RankAxis, draw_curves
from ebmbench.reporting.figures.style import WIDTH, log_scale, looks, new_figure, save, styled

HEIGHT = 3.0

RUNGS = RankAxis(
    "rung",
    "multiple of the budget of evaluations",
    lambda rung: f"x{rung}",
    "no two methods and two data sets with a KL that all rungs have in common",
    lambda drawn: f"exact KL: mean rank over {drawn['datasets'].iloc[0]} data sets",
)


def draw(drawn: pd.DataFrame, stem: Path) -> None:
    """Write ``stem.pdf``, ``stem.png`` and ``stem.csv``: one curve per method of a table of ranks, best on top.

    What costs nothing to train has no curve against CPU seconds.
    """
    styles = looks(sorted(drawn[list(AXES[1:])].drop_duplicates().itertuples(index=False, name=None)))
    with styled():
        title = "" if styles else RUNGS.missing
        figure = new_figure(WIDTH, HEIGHT + legend_height(styles) if styles else 0.5, title)
        if styles:
            left, right = figure.subplots(1, 2, sharey=True)
            draw_curves(left, drawn, RUNGS, styles)
            for name, curve in drawn[drawn["cpu_seconds"] > 0].sort_values("rung").groupby(list(AXES[1:]), sort=True):
                right.plot(curve["cpu_seconds"], curve["mean_rank"], **styles[name].of_line())
            right.set_xscale("log")
            log_scale(right.xaxis)
            right.set(xlabel="CPU seconds of training per run")
        legend(figure, styles)
        save(figure, drawn, stem)
