"""Exact KL divergence during training, and squared error of the log-density with two estimators of log Z."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.lines import Line2D

from ebmbench.reporting.figures.courses import STEPS, Trace, course, draw_courses, head, legend, legend_height, seen
from ebmbench.reporting.figures.interface import Inputs, Method
from ebmbench.reporting.figures.pairs import SeedPair, pairs
from ebmbench.reporting.figures.style import BLACK, Look, looks, save, styled

__all__ = ["KLAndMSE"]

KL, EXACT, DATA_Z = "kl", "mse_log_density", "mse_log_density_data_z"

#: line styles of the error: with log Z estimated from the data, and with the exact log Z
SOLID: dict[str, Any] = {"linestyle": "solid"}
DASHED: dict[str, Any] = {"linestyle": (0, (3, 1.5)), "linewidth": 0.9, "marker": ""}


@dataclass(frozen=True)
class KLAndMSE:
    """Two panels per data set over the same steps: KL(data || model), and E_data (log q - log p)^2 in nats squared.

    The upper panel and the dashed lines of the lower one are exact. The solid lines of the lower one estimate log Z
    with importance weights under the data's density, like the code published with energy discrepancy (Schröder et al.
    2023); this ignores model mass where the data have none. Lines, bands and omissions are those of
    :func:`ebmbench.reporting.figures.kl_curves.kl_curves`. ``title`` is shown above the panels.
    """

    title: str = ""

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Draw from curves.csv and runs.csv; raises :class:`ebmbench.core.errors.UserError` if a column is missing."""
        drawn = courses(inputs.table("curves"), inputs.table("runs"))
        datasets = [name for name in inputs.datasets() if name in set(drawn["dataset"])]
        styles = looks(inputs.methods())
        shown = seen(styles, drawn, KL)
        with styled():
            figure, places = pairs(len(datasets), 0.2 + legend_height(shown, _ways()), self.title)
            for place, dataset in zip(places, datasets, strict=True):
                _draw(place, drawn[drawn["dataset"] == dataset], dataset, styles)
            legend(figure, shown, _ways())
            save(figure, drawn, stem)


def courses(curves: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the training curves of all three columns against steps: one row per (cell, step) and count of seeds."""
    return reduce(
        lambda left, right: left.merge(right, how="outer"),
        [course(curves, runs, STEPS, column) for column in (KL, EXACT, DATA_Z)],
    )


def _draw(place: SeedPair, drawn: pd.DataFrame, dataset: str, styles: Mapping[Method, Look]) -> None:
    draw_courses(place.upper, drawn, [Trace(KL)], styles)
    draw_courses(place.lower, drawn, [Trace(DATA_Z, SOLID), Trace(EXACT, DASHED)], styles)
    head(place.upper, drawn, dataset)
    place.lower.set_xlabel(STEPS.label)
    if place.first:
        place.upper.set_ylabel("KL(data || model)\n(nats), lower is better")
        place.lower.set_ylabel("mean of (log q − log p)²\n(nats²), lower is better")


def _ways() -> list[Line2D]:
    return [
        Line2D([], [], color=BLACK, **SOLID, label="below: log Z from the data"),
        Line2D([], [], color=BLACK, **DASHED, label="below: exact log Z"),
    ]
