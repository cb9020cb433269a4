"""Mean ranks by exact KL at each rung of a grid, against the multiple of the budget and against CPU seconds."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.reporting.figures.courses import legend, legend_height
from ebmbench.reporting.figures.style import WIDTH, log_scale, looks, new_figure, save, styled

HEIGHT = 3.0

_METHOD = list(AXES[1:])


def draw(drawn: pd.DataFrame, stem: Path) -> None:
    """Write ``stem.pdf``, ``stem.png`` and ``stem.csv``: one curve per method of a table of ranks, best on top."""
    styles = looks(sorted(drawn[_METHOD].drop_duplicates().itertuples(index=False, name=None)))
    with styled():
        title = "" if styles else "no two methods and two data sets with a KL that all rungs have in common"
        figure = new_figure(WIDTH, HEIGHT + legend_height(styles) if styles else 0.5, title)
        if styles:
            left, right = figure.subplots(1, 2, sharey=True)
            for name, curve in drawn.sort_values("rung").groupby(_METHOD, sort=True):
                left.plot(curve["rung"], curve["mean_rank"], **styles[name].of_line())
                right.plot(curve["cpu_seconds"], curve["mean_rank"], **styles[name].of_line())
            rungs = sorted(drawn["rung"].unique())
            left.set_xscale("log", base=2)
            left.set_xticks(rungs, [f"x{rung}" for rung in rungs])
            right.set_xscale("log")
            log_scale(right.xaxis)
            left.invert_yaxis()
            left.set(xlabel="multiple of the budget of evaluations", ylabel="mean rank, 1 is best")
            right.set(xlabel="CPU seconds of training per run")
            left.set_title(f"exact KL: mean rank over {drawn['datasets'].iloc[0]} data sets")
        legend(figure, styles)
        save(figure, drawn, stem)
