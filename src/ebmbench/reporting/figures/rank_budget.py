"""Mean ranks by exact KL against the part of the budget that is spent."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.reporting.figures.courses import legend, legend_height
from ebmbench.reporting.figures.style import WIDTH, looks, new_figure, save, styled

HEIGHT = 3.0


def draw(drawn: pd.DataFrame, stem: Path) -> None:
    """Write ``stem.pdf``, ``stem.png`` and ``stem.csv``: one curve per method of a table of ranks, best on top."""
    styles = looks(sorted(drawn[list(AXES[1:])].drop_duplicates().itertuples(index=False, name=None)))
    with styled():
        title = "" if styles else "no curves of KL that two methods and two data sets have in common"
        figure = new_figure(WIDTH, HEIGHT + legend_height(styles) if styles else 0.5, title)
        if styles:
            axes = figure.subplots()
            for name, curve in drawn.groupby(list(AXES[1:]), sort=True):
                axes.plot(curve["budget_fraction"], curve["mean_rank"], **styles[name].of_line())
            fractions = sorted(drawn["budget_fraction"].unique())
            axes.set_xscale("log", base=2)
            axes.set_xticks(fractions, [f"1/{round(1 / fraction)}" for fraction in fractions[:-1]] + ["1"])
            axes.invert_yaxis()
            axes.set(xlabel="fraction of the budget (energy + gradient evaluations)", ylabel="mean rank, 1 is best")
            axes.set_title(f"exact KL: mean rank over {drawn['datasets'].iloc[0]} data sets")
        legend(figure, styles)
        save(figure, drawn, stem)
