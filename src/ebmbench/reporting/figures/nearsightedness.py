"""Losses against the weight of a mixture, and the error of the weight that minimises each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from ebmbench.reporting.figures.style import BLACK, BLUE, GREEN, GREY, SKY, VERMILION, WIDTH, new_figure, save, styled

#: colours and lines of energy discrepancy, from small to large t
_ED = ((SKY, (0, (1, 1))), (BLUE, (0, (3, 1))), (GREEN, (0, (6, 1))), (VERMILION, "solid"))

#: losses above this are cut off, as in the paper
TOP = 0.1

TRUTH = 0.2


def nearsightedness(tables: Mapping[str, pd.DataFrame], stem: Path) -> None:
    """Plot exact losses minus their minimum in nats (left), and mean squared error of the weight against t (right).

    ``tables`` come from :class:`ebmbench.experiments.nearsightedness.Nearsightedness`. Thin lines are energy
    discrepancy as estimated with few negatives; bars are two standard errors.
    """
    curves, errors = tables["curves"], tables["errors"]
    with styled():
        figure = new_figure(WIDTH, 3.2)
        left, right = figure.subplots(1, 2)
        _curves(left, curves)
        _errors(right, errors)
        drawn = pd.concat([curves.assign(panel="curves"), errors.assign(panel="errors")], ignore_index=True)
        save(figure, drawn, stem)


def _curves(axes: Axes, curves: pd.DataFrame) -> None:
    exact = curves[curves["kind"] == "exact"]
    axes.axvline(TRUTH, color=GREY, linewidth=0.6)
    for name, label, style in (("likelihood", "likelihood", "solid"), ("fisher", "Fisher divergence", (0, (4, 2)))):
        rows = exact[exact["loss"] == name]
        axes.plot(rows["weight"], rows["value"], color=BLACK, linestyle=style, label=label)
    for (colour, line), t in zip(_ED, sorted(exact[exact["loss"] == "ed"]["t"].unique()), strict=False):
        for kind, width in (("exact", 1.4), ("estimated", 0.6)):
            rows = curves[(curves["loss"] == "ed") & (curves["t"] == t) & (curves["kind"] == kind)]
            shown = f"energy discrepancy, t = {t:g}" if kind == "exact" else None
            axes.plot(rows["weight"], rows["value"], color=colour, linestyle=line, linewidth=width, label=shown)
    axes.set(ylim=(-0.003, TOP), xlim=(0, 1), xlabel="weight of the left mode (truth: .2)")
    axes.set_ylabel("loss minus its minimum (nats)")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2, handlelength=2.6)


def _errors(axes: Axes, errors: pd.DataFrame) -> None:
    ed = errors[errors["loss"] == "ed"]
    axes.errorbar(
        ed["t"], ed["mse"], yerr=2 * ed["stderr"], color=GREEN, marker="o", capsize=2, label="energy discrepancy"
    )
    floor = errors[errors["loss"] == "likelihood"].iloc[0]
    axes.axhline(floor["mse"], color=BLACK, linestyle="--", linewidth=1, label="maximum likelihood")
    low, high = floor["mse"] - 2 * floor["stderr"], floor["mse"] + 2 * floor["stderr"]
    axes.axhspan(max(low, 1e-9), high, color=GREY, alpha=0.3, linewidth=0)
    axes.set(xscale="log", yscale="log", xlabel="variance t of the perturbation")
    axes.set_ylabel("squared error of the weight\n(lower is better)")
    axes.legend(loc="upper right")
