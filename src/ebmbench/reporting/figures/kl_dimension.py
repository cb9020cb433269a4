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
from ebmbench.reporting.comparison.method_label import method_label
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

    ``panels``: lists of data sets, one panel for each list, named after its first and last set; empty: one of all.
    ``baseline``: a method, family-loss-stats, by whose mean KL on each data set the others are divided; empty: nats.
    Markers are means over seeds, bars span the smallest to the largest. Above a panel are the runs without a KL, by
    method. Divergences below 1e-5 are rounding errors and are not drawn. ``title`` is shown above the panels.
    """

    title: str = ""
    panels: tuple[tuple[str, ...], ...] = ()
    baseline: str = ""

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Draw from scores.csv and the files of the data sets; raises :class:`UserError` for an unknown name."""
        dims = {facts["dataset"]: facts["dim"] for facts in map(read_json, inputs.data_files)}
        panels = self.panels or (tuple(inputs.datasets()),)
        for name in (name for panel in panels for name in panel if name not in dims):
            raise UserError(f"figure kl_dimension: panels: no data set {name!r}; {allowed_names(name, dims)}")
        drawn = relative(points(inputs.table("scores"), dims, panels), self.baseline)
        shown = {tuple(row) for row in drawn.loc[drawn["mean"] > LEAST, _METHOD].to_numpy()}
        styles = looks(method for method in inputs.methods() if method in shown)
        with styled():
            down = -(-len(panels) // ACROSS)
            figure = new_figure(WIDTH, HEIGHT * down + legend_height(styles), self.title)
            grid = figure.subplots(down, min(ACROSS, len(panels)), squeeze=False, sharey=True)
            for axes, panel in zip(grid.flat, panels, strict=False):
                own = drawn[drawn["panel"] == ", ".join(panel)]
                _panel(axes, own, styles)
                head(axes, _counts(own), " to ".join(dict.fromkeys((panel[0], panel[-1]))))
            for axes in grid.flat[len(panels) :]:
                axes.set_axis_off()
            for axes in grid[:, 0]:
                axes.set_ylabel(f"KL(data || model) {self._unit()}\nlower is better")
            legend(figure, styles)
            save(figure, drawn, stem)

    def _unit(self) -> str:
        return f"over that of {method_label(*self.baseline.split('-'))}" if self.baseline else "(nats)"


def points(scores: pd.DataFrame, dims: Mapping[str, int], panels: Sequence[Sequence[str]]) -> pd.DataFrame:
    """Return one row per cell and panel: dimension, mean, smallest and largest KL, numbers of seeds and failed seeds.

    A panel is named by all of its data sets.
    """
    kl = scores[(scores["metric"] == "kl") & (scores["split"] == "exact") & (scores["distribution"] == MODEL)]
    kl = kl.assign(value=kl["value"].where(kl["status"] == "ok"))
    found = kl.groupby(list(AXES), as_index=False).agg(
        mean=("value", "mean"),
        least=("value", "min"),
        most=("value", "max"),
        seeds=("value", "count"),
        failed=("value", lambda value: int(value.isna().sum())),
    )
    found = pd.concat([found[found["dataset"].isin(panel)].assign(panel=", ".join(panel)) for panel in panels])
    found.insert(0, "dim", found["dataset"].map(dims))
    return found.sort_values(["panel", *_METHOD, "dim"], ignore_index=True)


def relative(drawn: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Divide the divergences by the mean of the method ``baseline`` on the same data set; nothing changes without one.

    Raises :class:`UserError` if no cell has that method.
    """
    if not baseline:
        return drawn
    methods = drawn[_METHOD].agg("-".join, axis="columns")
    names = sorted(set(methods))
    if baseline not in names:
        raise UserError(f"figure kl_dimension: baseline = {baseline!r}; {allowed_names(baseline, names)}")
    unit = drawn["dataset"].map(drawn[methods == baseline].drop_duplicates("dataset").set_index("dataset")["mean"])
    values = ["mean", "least", "most"]
    return drawn.assign(**{name: drawn[name] / unit for name in values}, baseline=unit)


def _counts(drawn: pd.DataFrame) -> pd.DataFrame:
    """Return each method's number of failed seeds over all dimensions, one row per method."""
    return drawn.groupby(_METHOD, as_index=False)["failed"].sum()


def _panel(axes: Axes, drawn: pd.DataFrame, styles: Mapping[Method, Look]) -> None:
    axes.set(xscale="log", yscale="log", xlabel="dimension of the data")
    places = {method: place for place, method in enumerate(styles)}
    for method, own in drawn[drawn["mean"] > LEAST].groupby(_METHOD):
        style, shift = styles[method], SPREAD ** ((places[method] + 0.5) / len(styles) - 0.5)
        bars = [own["mean"] - own["least"].clip(lower=LEAST), own["most"] - own["mean"]]
        line = style.of_line() | {"linewidth": 0.8, "markersize": 3.5}
        axes.errorbar(own["dim"] * shift, own["mean"], yerr=bars, **line, elinewidth=0.7, capsize=1.5)
    dims = sorted(drawn["dim"].unique())
    axes.xaxis.set_major_locator(FixedLocator(dims))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter("{x:g}")
    log_scale(axes.yaxis)
