"""Energy gain against base strength: test likelihoods over bases from weak to strong, and the gain over each base."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ebmbench.core.errors import UserError
from ebmbench.reporting.comparison.energy_gain import BASE, gains, placed
from ebmbench.reporting.figures.courses import head
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.pairs import SeedPair, pairs
from ebmbench.reporting.figures.style import BLACK, BLUE, GREY, ORANGE, Look, save, styled

__all__ = ["BaseStrength"]

#: horizontal distance of two series at one base, relative to that of two bases
APART = 0.15

#: characters per line under a tick
WRAP = 10


class Series(NamedTuple):
    """Name in the legend and look of a series."""

    label: str
    look: Look


SERIES = {
    BASE: Series("base alone", Look(BLACK, "s", "", "solid", True)),
    "frozen": Series("base + energy, base frozen", Look(ORANGE, "^", "", (0, (5, 1.5)), True)),
    "joint": Series("base + energy, trained jointly", Look(BLUE, "o", "", (0, (4, 1, 1, 1)), True)),
    "wider": Series("wider base, no energy", Look(GREY, "D", "", (0, (1, 1)), False)),
}


class Values(NamedTuple):
    """Means and half the length of their whiskers, one per base."""

    mean: pd.Series
    half: pd.Series


@dataclass(frozen=True)
class BaseStrength:
    """Two panels per data set over bases: test NLL in nats, and below it the gain over the base alone, paired by seed.

    ``bases``: methods from the weakest to the strongest, each a family, ``family-loss`` or ``family-loss-stats``;
    ``labels``: their names in the figure. ``frozen``, ``joint``, ``wider``: the methods compared with each base: an
    energy on the frozen base, an energy trained jointly with it, and a normalised model with as many parameters; ""
    if there is none. Above: means over seeds and their standard errors. Below: mean differences and their 95 %
    t-intervals. ``title`` is shown above the panels.
    """

    title: str = ""
    bases: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()
    joint: tuple[str, ...] = ()
    wider: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, entries in {"labels": self.labels, **self._beside()}.items():
            if len(entries) not in (0, len(self.bases)):
                raise ValueError(f"{name} has length {len(entries)}, bases {len(self.bases)}; allowed: the same, or 0")
        if "" in self.bases or len(set(self.bases)) < len(self.bases):
            raise ValueError("bases contains an empty or a duplicate name")

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Draw from scores.csv and runs.csv; raises :class:`UserError` for names that are no method of the figure."""
        if not self.bases:
            raise UserError("figure base_strength: bases is empty; allowed: methods from the weakest to the strongest")
        series = {BASE: self.bases, **{name: entries for name, entries in self._beside().items() if any(entries)}}
        drawn = gains(inputs.table("scores"), inputs.table("runs"), placed(inputs.cells(), series))
        datasets = [name for name in inputs.datasets() if name in set(drawn["dataset"])]
        with styled():
            figure, places = pairs(len(datasets), 0.5, self.title)
            for place, dataset in zip(places, datasets, strict=True):
                self._draw(place, drawn[drawn["dataset"] == dataset], list(series))
                head(place.upper, drawn[drawn["dataset"] == dataset], dataset)
            handles = [Line2D([], [], **SERIES[name].look.of_line(), label=SERIES[name].label) for name in series]
            figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), handlelength=3)
            save(figure, drawn, stem)

    def _beside(self) -> dict[str, Sequence[str]]:
        return {"frozen": self.frozen, "joint": self.joint, "wider": self.wider}

    def _draw(self, place: SeedPair, drawn: pd.DataFrame, series: Sequence[str]) -> None:
        """Draw both panels of a data set, with the series side by side at each base."""
        for name, rows in drawn.groupby("series"):
            shift = APART * (series.index(name) - (len(series) - 1) / 2)
            at = rows["base"].map(list(self.bases).index) + shift
            _line(place.upper, at, Values(rows["nll"], rows["stderr"]), SERIES[name].look)
            half = rows["gain_ci_high"] - rows["gain"]
            _line(place.lower, at, Values(rows["gain"], half), SERIES[name].look)
        place.lower.axhline(0, color=BLACK, linewidth=0.8, zorder=1)
        ticks = [textwrap.fill(label, WRAP) for label in self.labels or self.bases]
        place.lower.set_xticks(range(len(ticks)), ticks)
        place.lower.set(xlim=(-0.5, len(ticks) - 0.5), xlabel="base, from weakest to strongest")
        if place.first:
            place.upper.set_ylabel("test NLL (nats)\nlower is better\n± standard error")
            place.lower.set_ylabel("gain over the base (nats)\nhigher is better\n± 95 % interval")


def _line(axes: Axes, at: pd.Series, values: Values, look: Look) -> None:
    """Draw markers with whiskers, joined by a thin line; nothing where there is no value."""
    known = values.mean.notna()
    if known.any():
        drawn = (at[known], values.mean[known], values.half[known])
        axes.errorbar(*drawn, **look.of_line() | {"linewidth": 0.7}, elinewidth=1.0, capsize=2)
