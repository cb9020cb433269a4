"""Weight that models give to one of two modes, against the gap between the modes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from ebmbench.reporting.figures.style import BLACK, GREY, SMALL, WIDTH, Look, look, new_figure, save, styled

#: moment-matching methods in the order of the panels, three side by side
_PANELS = {
    "none": "no statistic",
    "joint": "joint: within the loss",
    "matched": "matched: by chains, then solved",
    "posthoc": "posthoc: tilt of the trained model",
    "penalty": "penalty on the mismatch",
    "expfam": "expfam: only the statistic",
}

ACROSS = 3

#: the true weight, and the result of a loss that is blind to the weight
TRUTH, UNINFORMED = 0.2, 0.5

#: points of different losses at one gap are spread over this fraction of the distance between gaps
SPREAD = 0.4

#: smallest upper end of the vertical axis
HEIGHT = 0.6

SET = "modes"


def mode_weights(tables: Mapping[str, pd.DataFrame], stem: Path) -> None:
    """Plot the right mode's weight against the gap: one panel per moment-matching method, one line per loss.

    ``tables`` come from :class:`ebmbench.experiments.mode_weights.ModeWeights`; the methods shown match the modes'
    indicator. Bars are two standard errors over seeds. A marker is open if some seeds failed. A point is missing if
    all failed; the panel names these.
    """
    summary = tables["summary"]
    losses = list(dict.fromkeys(summary["loss"]))
    looks = {loss: look("ebm", loss, "none") for loss in losses}
    with styled():
        figure = new_figure(WIDTH, 5.0)
        panels = figure.subplots(-(-len(_PANELS) // ACROSS), ACROSS, sharex=True, sharey=True)
        for axes, (arm, title) in zip(panels.flat, _PANELS.items(), strict=True):
            _panel(axes, summary[(summary["arm"] == arm) & (summary["set"] == SET)], looks)
            axes.set_title(title)
            axes.text(0.02, 0.98, _lost(summary, arm), transform=axes.transAxes, fontsize=SMALL - 1, va="top")
        panels[-1][1].set_xlabel("distance between the modes (standard deviations of a mode)")
        drawn = summary[(summary["set"] == SET) & (summary["n"] > 0)]
        panels.flat[0].set_ylim(-0.03, max(HEIGHT, 1.05 * float(drawn["weight"].max())))
        for axes in panels[:, 0]:
            axes.set_ylabel("model's mass on x > 0\n(closer to .2 is better)")
        figure.legend(handles=_handles(looks), loc="outside lower center", ncols=5, handlelength=2.6)
        save(figure, pd.concat([table.assign(panel=name) for name, table in tables.items()], ignore_index=True), stem)


def _panel(axes: Axes, rows: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    gaps = sorted(rows["gap"].unique())
    apart = min((b - a for a, b in pairwise(gaps)), default=1.0)
    axes.axhline(TRUTH, color=BLACK, linewidth=0.8)
    axes.axhline(UNINFORMED, color=GREY, linewidth=0.8, linestyle=(0, (1, 1.5)))
    for place, (loss, style) in enumerate(looks.items()):
        points = rows[(rows["loss"] == loss) & (rows["n"] > 0)].sort_values("gap")
        x = points["gap"] + SPREAD * apart * ((place + 0.5) / len(looks) - 0.5)
        line: dict[str, Any] = {"color": style.colour, "linewidth": 0.8}
        axes.errorbar(x, points["weight"], yerr=2 * points["weight_stderr"], capsize=1.5, **line)
        lost = points["n"] < points["seeds"]
        for chosen, face in ((lost, "white"), (~lost, style.colour)):
            marks = style.of_line() | {"linestyle": "none", "markerfacecolor": face, "markersize": 3.5}
            axes.plot(x[chosen], points["weight"][chosen], **marks)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(gaps, [f"{gap:g}" for gap in gaps])


def _lost(summary: pd.DataFrame, arm: str) -> str:
    """List the losses without a model and their gaps, grouping losses with the same gaps; empty if all have one."""
    rows = summary[(summary["arm"] == arm) & (summary["set"] == SET) & (summary["n"] == 0)]
    found: dict[str, list[str]] = {}
    for loss, own in rows.groupby("loss", sort=False):
        found.setdefault(", ".join(f"{gap:g}" for gap in sorted(own["gap"])), []).append(str(loss))
    return "\n".join(f"no model: {', '.join(losses)} at {gaps}" for gaps, losses in found.items())


def _handles(looks: Mapping[str, Look]) -> list[Line2D]:
    lines = [Line2D([], [], **(style.of_line() | {"linewidth": 0.8}), label=loss) for loss, style in looks.items()]
    lines.append(Line2D([], [], color=BLACK, linewidth=0.8, label="truth"))
    return [*lines, Line2D([], [], color=GREY, linewidth=0.8, linestyle=(0, (1, 1.5)), label="equal modes")]
