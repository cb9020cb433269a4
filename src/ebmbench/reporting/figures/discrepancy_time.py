"""Exact remaining mismatch of losses in one dimension, from score matching to maximum likelihood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from ebmbench.reporting.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    SKY,
    VERMILION,
    WIDTH,
    log_scale,
    look,
    new_figure,
    save,
    styled,
)

#: line styles of an example's statistics, in order
_STATISTICS: tuple[Any, ...] = ("solid", (0, (4, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1)))

#: stabiliser w -> colour, line, marker
_STABILISERS: dict[float, tuple[str, Any, str]] = {
    0.0: (VERMILION, (0, (1, 1)), "v"),
    0.5: (SKY, (0, (5, 1)), "s"),
    1.0: (GREEN, "solid", "o"),
    2.0: (BLUE, (0, (3, 1, 1, 1)), "^"),
}

_TITLES = {"polynomials": "statistics alone", "wrong_network": "statistics and a network with errors"}

_NAMES = {
    "ml": "maximum likelihood",
    "sm": "score matching",
    "ed": "energy discrepancy",
    "dsm": "denoising (t = σ²)",
    "nce": "noise-contrastive estimation",
}

#: in the panels over the number of negatives: the statistic shown, and the range of KL above its minimum, in nats
FIRST, MOST = "x", 0.012

#: KL panels end at this multiple of the excess KL of score matching over maximum likelihood
TOP = 1.35

_TIME = "variance t of the perturbation"
_MISMATCH = "mismatch (data's sd; 0 is best)"
_KL = "KL(data || model)\n(nats; lower is better)"
_ZERO: dict[str, Any] = {"color": BLACK, "linewidth": 0.8}


def discrepancy_time(tables: Mapping[str, pd.DataFrame], stem: Path) -> None:
    """Plot one row per example: mismatches against t and against k, KL against t; below, both against M.

    ``tables`` come from :class:`ebmbench.experiments.discrepancy_time.DiscrepancyTime`. Colours are losses and, in
    the lowest row, stabilisers; line styles are statistics.
    """
    mismatch, divergence, negatives = (tables[name] for name in ("mismatch", "divergence", "negatives"))
    examples = list(dict.fromkeys(mismatch["example"]))
    with styled():
        figure = new_figure(WIDTH, 2.3 * (len(examples) + 1))
        panels = figure.subplots(len(examples) + 1, 3)
        for row in panels:
            row[1].sharey(row[0])
        for row, example in zip(panels, examples, strict=False):
            _unmatched(row[:2], mismatch[mismatch["example"] == example])
            _divergences(row[2], divergence[divergence["example"] == example])
            row[0].set_title(_TITLES.get(example, example), loc="left")
        _few(panels[-1], negatives, divergence)
        figure.legend(handles=_losses(), loc="outside upper center", ncols=5, handlelength=1.8, columnspacing=1.4)
        figure.legend(*panels[-1][0].get_legend_handles_labels(), loc="outside lower center", ncols=4, handlelength=2.6)
        drawn = [table.assign(panel=name) for name, table in tables.items()]
        save(figure, pd.concat(drawn, ignore_index=True), stem)


def _unmatched(panels: Sequence[Axes], rows: pd.DataFrame) -> None:
    """Plot mismatches of energy discrepancy against t (with those of score matching) and of NCE against k."""
    for axes, loss in zip(panels, ("ed", "nce"), strict=True):
        axes.axhline(0, **_ZERO)
        for line, (_, points) in zip(_STATISTICS, rows.groupby("statistic", sort=False), strict=False):
            limit = float(points.loc[points["loss"] == "sm", "mismatch"].iloc[0])
            own = points[points["loss"] == loss]
            if loss == "ed":
                axes.axhline(limit, color=_colour("sm"), linestyle=line, linewidth=0.8)
            axes.plot(own["value"], own["mismatch"], color=_colour(loss), linestyle=line)
        axes.set(xscale="log")
        log_scale(axes.xaxis)
    panels[0].set(xlabel=_TIME, ylabel=_MISMATCH)
    panels[1].set(xlabel="noise samples per data sample, k")
    names = [_symbol(name) for name in dict.fromkeys(rows["statistic"])]
    handles = [Line2D([], [], color=GREY, linestyle=line) for line in _STATISTICS[: len(names)]]
    panels[1].legend(handles, names, loc="best", handlelength=2.6)


def _divergences(axes: Axes, rows: pd.DataFrame) -> None:
    """Plot KL against the variance of the perturbation; losses without a perturbation are horizontal lines."""
    at = {loss: points for loss, points in rows.groupby("loss")}
    low, high = (float(at[loss]["kl"].iloc[0]) for loss in ("ml", "sm"))
    for loss, height, line in (("ml", low, "solid"), ("sm", high, (0, (4, 1.5)))):
        axes.axhline(height, color=_colour(loss), linestyle=line, linewidth=0.8)
    axes.plot(at["ed"]["value"], at["ed"]["kl"], color=_colour("ed"))
    axes.plot(at["dsm"]["value"] ** 2, at["dsm"]["kl"], color=_colour("dsm"), linestyle=(0, (3, 1)))
    span = high - low
    axes.set(xscale="log", ylim=(low - 0.08 * span, low + TOP * span))
    axes.set(xlabel=_TIME, ylabel=_KL)
    log_scale(axes.xaxis)


def _few(panels: Sequence[Axes], rows: pd.DataFrame, divergence: pd.DataFrame) -> None:
    """Plot against M: mismatch of one statistic for well-specified and misspecified data, and KL of the latter."""
    shown = rows[rows["statistic"] == FIRST]
    t = float(shown["t"].iloc[0])
    for axes, data, column in zip(panels, ("own", "given", "given"), ("mismatch", "mismatch", "kl"), strict=True):
        for w, points in shown[shown["data"] == data].groupby("w"):
            colour, line, marker = _STABILISERS.get(float(w), (GREY, "solid", "x"))
            lost = ", ".join(f"{M}" for M in points.loc[points["status"] != "ok", "M"])
            label = f"w = {w:g}" + (f" (failed at M = {lost})" if lost else "")
            axes.plot(points["M"], points[column], color=colour, linestyle=line, marker=marker, label=label)
        axes.set(xscale="log", xlabel=f"negatives per sample, M (t = {t:g})")
        axes.set_xticks(ticks := sorted(shown["M"].unique()), [f"{tick}" for tick in ticks])
        axes.xaxis.set_minor_locator(NullLocator())
    for axes, title in zip(panels, ("data from the model family", "original data", "original data"), strict=True):
        axes.set_title(title, loc="left")
    for axes in panels[:2]:
        axes.axhline(0, **_ZERO)
    panels[0].set_ylabel(f"{_MISMATCH[:8]} of {_symbol(FIRST)}{_MISMATCH[8:]}")
    best = divergence[(divergence["loss"] == "ml") & (divergence["example"] == shown["example"].iloc[0])]
    least = float(best["kl"].iloc[0])
    panels[2].axhline(least, **_ZERO)
    panels[2].set(ylim=(least - 0.05 * MOST, least + MOST), ylabel=_KL)


def _colour(loss: str) -> str:
    return look("ebm", loss, "none").colour


def _losses() -> list[Line2D]:
    return [Line2D([], [], color=_colour(loss), label=name) for loss, name in _NAMES.items()]


def _symbol(statistic: str) -> str:
    """Return ``x^2`` as a formula, other names unchanged."""
    return statistic if "(" in statistic else f"${statistic}$"
