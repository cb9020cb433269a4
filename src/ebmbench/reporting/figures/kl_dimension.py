"""Exact KL divergence against the dimension of the data, one line per method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from ebmbench.core.cells import AXES
from ebmbench.core.columns import MODEL
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.core.files import read_json
from ebmbench.reporting.figures.courses import LEAST, head, legend, legend_height
from ebmbench.reporting.figures.interface import Inputs, Method
from ebmbench.reporting.figures.style import WIDTH, Look, log_scale, looks, new_figure, save, styled

__all__ = ["KLDimension"]

#: height of a row of panels, and number of panels side by side
HEIGHT, ACROSS = 2.8, 2

#: points of different methods at one dimension are spread over this ratio
SPREAD = 1.25

_METHOD = list(AXES[1:])


@dataclass(frozen=True)
class KLDimension:
    """KL(data || model) in nats against the dimension of the data, on logarithmic axes.

    ``panels``: lists of data sets, one panel for each list, with the name of its first set; empty: one panel of all.
    Markers are means over seeds, bars their 95 % t-intervals. Above a panel are the runs without a KL, by method.
    Divergences below 1e-5 are rounding errors and are not drawn. ``title`` is shown above the panels.
    """

    title: str = ""
    panels: tuple[tuple[str, ...], ...] = ()

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Draw from summary.csv and the files of the data sets; raises :class:`UserError` if a set is unknown."""
        dims = {facts["dataset"]: facts["dim"] for facts in map(read_json, inputs.data_files)}
        panels = self.panels or (tuple(inputs.datasets()),)
        for name in (name for panel in panels for name in panel if name not in dims):
            raise UserError(f"figure kl_dimension: panels: no data set {name!r}; {allowed_names(name, dims)}")
        drawn = points(inputs.table("summary"), dims, panels)
        shown = {tuple(row) for row in drawn.loc[drawn["mean"] > LEAST, _METHOD].to_numpy()}
        styles = looks(method for method in inputs.methods() if method in shown)
        with styled():
            down = -(-len(panels) // ACROSS)
            figure = new_figure(WIDTH, HEIGHT * down + legend_height(styles), self.title)
            grid = figure.subplots(down, min(ACROSS, len(panels)), squeeze=False, sharey=True)
            for axes, panel in zip(grid.flat, panels, strict=False):
                _panel(axes, drawn[drawn["panel"] == panel[0]], styles)
                head(axes, _counts(drawn[drawn["panel"] == panel[0]]), panel[0])
            for axes in grid.flat[len(panels) :]:
                axes.set_axis_off()
            for axes in grid[:, 0]:
                axes.set_ylabel("KL(data || model) (nats)\nlower is better")
            legend(figure, styles)
            save(figure, drawn, stem)


def points(summary: pd.DataFrame, dims: Mapping[str, int], panels: Sequence[Sequence[str]]) -> pd.DataFrame:
    """Return one row per cell with its panel, dimension, mean KL, interval, and numbers of seeds and failed seeds."""
    kl = summary[(summary["metric"] == "kl") & (summary["split"] == "exact") & (summary["distribution"] == MODEL)]
    columns = [*AXES, "mean", "ci_low", "ci_high", "seeds", "failed"]
    parts = [kl.loc[kl["dataset"].isin(panel), columns].assign(panel=panel[0]) for panel in panels]
    found = pd.concat(parts)
    found.insert(0, "dim", found["dataset"].map(dims))
    return found.sort_values(["panel", *_METHOD, "dim"], ignore_index=True)


def _counts(drawn: pd.DataFrame) -> pd.DataFrame:
    """Return each method's number of failed seeds over all dimensions, one row per method."""
    return drawn.groupby(_METHOD, as_index=False)["failed"].sum()


def _panel(axes: Axes, drawn: pd.DataFrame, styles: Mapping[Method, Look]) -> None:
    axes.set(xscale="log", yscale="log", xlabel="dimension of the data")
    for place, (method, style) in enumerate(styles.items()):
        own = drawn[(drawn[_METHOD].apply(tuple, axis="columns") == method) & (drawn["mean"] > LEAST)]
        shift = SPREAD ** ((place + 0.5) / len(styles) - 0.5)
        low = own["mean"] - own["ci_low"].clip(lower=LEAST)
        bars = [low.clip(lower=0), (own["ci_high"] - own["mean"]).clip(lower=0)]
        line = style.of_line() | {"linewidth": 0.8, "markersize": 3.5}
        axes.errorbar(own["dim"] * shift, own["mean"], yerr=bars, **line, elinewidth=0.7, capsize=1.5)
    dims = sorted(drawn["dim"].unique())
    axes.xaxis.set_major_locator(FixedLocator(dims))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter("{x:g}")
    log_scale(axes.yaxis)
