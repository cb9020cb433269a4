"""Panels of shifts and of a threshold: what stands where, and what is named as lost."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ebmbench.reporting.figures import constraints as module
from ebmbench.reporting.figures.constraints import constraints

NAMES = ("mean", "upper tail")
WAYS = {"exact": 1.0, "penalty 1": 0.5, "penalty 10": 0.9, "newton": 1.05, "chains": 0.95}


def tables():
    """KL is half the square of what is achieved; nothing at all is lost but by penalties."""
    shifts = [
        {"statistic": name, "asked": asked, "way": way, "status": "ok", "achieved": share * asked}
        | {"kl": (share * asked) ** 2 / 2, "held_out": share * asked / 2}
        for name in NAMES
        for asked in (0.5, 1.0)
        for way, share in WAYS.items()
    ]
    nothing = {"violation": math.nan, "kl": math.nan, "held_out": math.nan}
    edge = [
        {"asked": asked, "way": way, "status": "ok", "kl": 0.2, "violation": 0.1 * asked, "held_out": 0.1}
        | ({} if asked or "penalty" in way else nothing | {"status": "infeasible"})
        for asked in (0.5, 1e-9, 0.0)
        for way in WAYS
    ]
    bounds = [{"bound": name, "at": at, "kl": at**2 / 2} for name in NAMES for at in (0.2, 1.05)]
    bounds += [{"bound": "violation", "at": at, "kl": -math.log(at) / 10} for at in (0.1, 0.001)]
    return {"shifts": pd.DataFrame(shifts), "edge": pd.DataFrame(edge), "bounds": pd.DataFrame(bounds)}


@pytest.fixture
def figure(saved_figures, tmp_path):
    figures = saved_figures(module)
    constraints(tables(), tmp_path / "figure")
    return figures[0]


def points(axes, way):
    look = module._looks(tables()["shifts"])[way]
    lines = [line for line in axes.lines if line.get_marker() == look.marker and line.get_color() == look.colour]
    return [(float(x), float(y)) for line in lines for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]


def test_a_panel_a_statistic_and_two_more(figure):
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:4] == [*NAMES, "no mass beyond a threshold", "unconstrained statistics"]
    assert all("KL(q || p) (nats)" in axes.get_xlabel() for axes in figure.axes[:4])


@pytest.mark.parametrize("way", WAYS)
def test_points_stand_at_kl_and_shift(figure, way):
    share = WAYS[way]
    assert points(figure.axes[0], way) == [(share**2 / 8, share / 2), (share**2 / 2, share)]
    assert len(points(figure.axes[3], way)) == 4 + (3 if "penalty" in way else 2)


def test_what_is_asked_and_the_least_are_lines(figure):
    heights = [
        line.get_ydata()[0]
        for line in figure.axes[0].lines
        if line.get_linestyle() == ":" or len(line.get_xdata()) == 2
    ]
    assert {0.5, 1.0} <= set(heights)
    curves = [line for line in figure.axes[0].lines if list(line.get_ydata()) == [0.2, 1.05]]
    assert len(curves) == 1 and list(curves[0].get_xdata()) == pytest.approx([0.02, 0.55125])


def test_lost_rows_are_named_and_small_violations_stand_at_the_floor(figure):
    panel = figure.axes[2]
    assert panel.texts[0].get_text() == "target 0\nexact infeasible\nnewton infeasible\nchains infeasible"
    assert [y for _, y in points(panel, "exact")] == [0.05, module.FLOOR]


def test_looks_differ_and_are_labelled(figure):
    looks = module._looks(tables()["shifts"])
    assert len({look.colour for look in looks.values()}) == len({look.marker for look in looks.values()}) == len(WAYS)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [*(module._LABELS.get(way, way) for way in looks), "smallest possible KL", "target"]


def test_all_numbers_are_in_the_csv(tmp_path):
    constraints(tables(), tmp_path / "figure")
    drawn = pd.read_csv(tmp_path / "figure.csv")
    assert drawn["panel"].value_counts().to_dict() == {name: len(table) for name, table in tables().items()}
