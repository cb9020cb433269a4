"""Panels of arms: weights against the gap, what is open, and what has no model."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ebmbench.reporting.figures import mode_weights as module
from ebmbench.reporting.figures.mode_weights import mode_weights
from ebmbench.reporting.figures.style import look

LOSSES = ("ml", "sm", "ed")
WEIGHT = {"ml": 0.2, "sm": 0.4, "ed": 0.3}


def tables():
    """Of ``sm``, one seed is lost at gap 6 by every arm, and all are at gap 12 by ``joint``."""
    rows = []
    for gap in (4.0, 6.0, 12.0):
        for loss in LOSSES:
            for arm in (*module._PANELS, "posthoc"):
                contrast = sum(r["arm"] == arm and (r["gap"], r["loss"]) == (gap, loss) for r in rows)
                n = 2 if (gap, loss) == (6.0, "sm") else 3
                n = 0 if (gap, loss, arm) == (12.0, "sm", "joint") else n
                reported = {
                    "weight": WEIGHT[loss] + gap / 100 if n else math.nan,
                    "weight_stderr": 0.01 if n else math.nan,
                }
                head = {"gap": gap, "loss": loss, "arm": arm, "set": "s1" if contrast else "modes"}
                rows.append(head | {"n": n, "seeds": 3} | reported)
    return {"runs": pd.DataFrame([{"gap": 4.0, "loss": "ml", "weight": 0.2}]), "summary": pd.DataFrame(rows)}


@pytest.fixture
def figure(saved_figures, tmp_path):
    figures = saved_figures(module)
    mode_weights(tables(), tmp_path / "figure")
    return figures[0]


def markers(axes, loss, face):
    style = look("ebm", loss, "none")
    lines = [line for line in axes.lines if line.get_marker() == style.marker and line.get_color() == style.colour]
    drawn = [line for line in lines if line.get_linestyle() == "None" and line.get_markerfacecolor() == face]
    return [
        (round(x), round(float(y), 9))
        for line in drawn
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    ]


def test_a_panel_an_arm(figure):
    assert [axes.get_title() for axes in figure.axes] == list(module._PANELS.values())
    assert "standard deviations of a mode" in figure.axes[4].get_xlabel()
    assert "closer to .2 is better" in figure.axes[0].get_ylabel()


def test_points_stand_near_their_gap_at_their_weight(figure):
    colour = look("ebm", "ed", "none").colour
    assert markers(figure.axes[0], "ed", colour) == [(4, 0.34), (6, 0.36), (12, 0.42)]
    # posthoc by the contrast is not drawn over posthoc by the modes
    assert len(markers(figure.axes[3], "ed", colour)) == 3


def test_open_where_a_seed_is_lost_and_missing_where_all_are(figure):
    colour = look("ebm", "sm", "none").colour
    none, joint = figure.axes[:2]
    assert markers(none, "sm", "white") == [(6, 0.46)]
    assert [gap for gap, _ in markers(none, "sm", colour)] == [4, 12]
    assert [gap for gap, _ in markers(joint, "sm", colour)] == [4]
    assert joint.texts[0].get_text() == "no model: sm at 12"
    assert none.texts[0].get_text() == ""


def test_truth_and_ignorance_are_lines(figure):
    for axes in figure.axes:
        flat = {
            line.get_ydata()[0] for line in axes.lines if len(set(line.get_ydata())) == 1 and len(line.get_ydata()) == 2
        }
        assert {0.2, 0.5} <= flat
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [*LOSSES, "truth", "equal modes"]


def test_all_numbers_are_in_the_csv(tmp_path):
    mode_weights(tables(), tmp_path / "figure")
    drawn = pd.read_csv(tmp_path / "figure.csv")
    assert drawn["panel"].value_counts().to_dict() == {"runs": 1, "summary": len(tables()["summary"])}
