"""Contrast of energy discrepancy over its time t: the probability with which it distinguishes data from negatives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ebmbench.core import plugins
from ebmbench.core.cells import AXES, Cell
from ebmbench.core.columns import MODEL
from ebmbench.core.errors import UserError
from ebmbench.core.files import read_json
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.intervals import interval
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.pairs import SeedPair, pairs
from ebmbench.reporting.figures.style import BLACK, GREY, SMALL, Look, log_scale, look, save, styled

__all__ = ["Contrast"]

#: the kind of loss shown, and the column of curves.csv with the mean probability of the positive
LOSS, POSITIVE = "ed", "positive"

#: size of a whisker's cap in points
CAP = 2


@dataclass(frozen=True)
class Contrast:
    """Two panels per data set over t: mean probability of the positive at the last checkpoint, and below it a metric.

    Above: chance level 1 / (M + 1) is dashed; near 1, distance alone distinguishes an example from its negatives, so
    the loss learns nothing. Below: ``metric`` on the test split, of the model's own distribution. Means over seeds with
    95 % t-intervals. For a family with a ``latent`` dimension n, 2 / n is marked. Cells of other losses are left out.
    ``title`` is shown above the panels.
    """

    title: str = ""
    metric: str = "fd_cnn"

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Draw from curves.csv and summary.csv; raises :class:`UserError` if no cell uses energy discrepancy."""
        drawn = contrasts(inputs, self.metric)
        datasets = [name for name in inputs.datasets() if name in set(drawn["dataset"])]
        with styled():
            figure, places = pairs(len(datasets), 0.3, self.title)
            for place, dataset in zip(places, datasets, strict=True):
                place.upper.set_title(dataset)
                self._draw(place, drawn[drawn["dataset"] == dataset])
            save(figure, drawn, stem)

    def _draw(self, place: SeedPair, drawn: pd.DataFrame) -> None:
        style = look(drawn["family"].iloc[0], LOSS, "none")
        _line(place.upper, drawn, POSITIVE, style)
        _line(place.lower, drawn, "value", style)
        for chance in drawn["chance"].unique():
            place.upper.axhline(chance, color=BLACK, linestyle="--", linewidth=0.8, zorder=1)
        place.upper.set_ylim(0, 1.02)
        place.lower.set_xscale("log")
        log_scale(place.lower.xaxis)
        for at in drawn["two_over_latent"].dropna().unique():
            for axes in (place.upper, place.lower):
                axes.axvline(at, color=GREY, linestyle=":", linewidth=0.8, zorder=1)
            top = place.upper.get_xaxis_transform()
            place.upper.text(at, 0.97, " t = 2 / latent", transform=top, color=GREY, fontsize=SMALL, va="top")
        place.lower.set_xlabel("t (squared units of the latents)")
        if place.first:
            entry = described(self.metric)
            place.upper.set_ylabel("mean probability\nof the positive\n(dashed: chance)")
            place.lower.set_ylabel(f"{self.metric}{entry.in_brackets}\n{entry.direction} is better\n± 95 % interval")


def contrasts(inputs: Inputs, metric: str) -> pd.DataFrame:
    """Return one row per cell of the loss, by t: ``positive`` and ``value`` with half their intervals, and seeds."""
    settings = {cell: read_json(folders[0] / "run.json")["settings"] for cell, folders in inputs.cells().items()}
    cells = [cell for cell, own in settings.items() if plugins.kind_of(cell.loss, own["loss"]) == LOSS]
    if not cells:
        raise UserError(f"figure contrast: it shows no cell with the loss {LOSS!r}; select some with match")
    curves, summary = inputs.table("curves"), inputs.table("summary")
    last = curves.loc[curves.groupby([*AXES, "seed"])["step"].idxmax()]
    of_test = summary[(summary["metric"] == metric) & (summary["split"] == "test") & (summary["distribution"] == MODEL)]
    rows = [_row(cell, settings[cell], last, of_test) for cell in cells]
    return pd.DataFrame(rows).sort_values(["dataset", "t"], kind="stable").reset_index(drop=True)


def _row(cell: Cell, settings: Mapping[str, Any], last: pd.DataFrame, summary: pd.DataFrame) -> dict[str, object]:
    latent = settings["family"].get("latent")
    found = interval(last[(last[list(AXES)] == list(cell)).all(axis=1)][POSITIVE].dropna())
    scored = summary[(summary[list(AXES)] == list(cell)).all(axis=1)]
    value, high, seeds = scored[["mean", "ci_high", "seeds"]].iloc[0] if len(scored) else (None, None, 0)
    return {
        **cell._asdict(),
        "t": settings["loss"]["t"],
        "M": settings["loss"]["M"],
        "chance": 1 / (settings["loss"]["M"] + 1),
        "two_over_latent": None if latent is None else 2 / latent,
        POSITIVE: found.mean,
        f"{POSITIVE}_half": found.half,
        "value": value,
        "value_half": None if value is None else high - value,
        "seeds": seeds,
    }


def _line(axes: Axes, drawn: pd.DataFrame, column: str, style: Look) -> None:
    known = drawn[drawn[column].notna()]
    half = known[f"{column}_half"].fillna(0.0).astype(float)
    axes.errorbar(known["t"], known[column].astype(float), half, **style.of_line(), capsize=CAP, elinewidth=1.0)
