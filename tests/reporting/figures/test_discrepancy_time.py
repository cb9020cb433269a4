"""Panels of an exact comparison: what stands where, limits as lines, what has no least value."""

import math

import pandas as pd
import pytest

from ebmbench.reporting.figures import discrepancy_time as module
from ebmbench.reporting.figures.discrepancy_time import discrepancy_time
from ebmbench.reporting.figures.style import look

TIMES, RATIOS = (0.01, 0.1, 1.0), (1, 10, 100)
STATISTICS = ("x", "x^2")


def tables():
    """Energy discrepancy's mismatch is -(1 + place) / (1 + 10 t), noise contrast's 1 / k."""
    mismatch, divergence = [], []
    for example in ("polynomials", "wrong_network"):
        fits = [("ml", math.nan, 0.0, 0.02), ("sm", math.nan, -1.0, 0.06)]
        fits += [("ed", t, -1 / (1 + 10 * t), 0.02 + 0.04 / (1 + 10 * t)) for t in TIMES]
        fits += [("dsm", 0.2, -0.9, 0.5), ("dsm", 0.4, -0.7, 0.6)] + [
            ("nce", k, 1 / k, 0.02 + 0.01 / k) for k in RATIOS
        ]
        for loss, value, height, kl in fits:
            at = {"example": example, "loss": loss, "setting": "", "value": value}
            mismatch += [at | {"statistic": name, "mismatch": (1 + i) * height} for i, name in enumerate(STATISTICS)]
            divergence.append(at | {"kl": kl, "gained": 0.0, "gain": 0.0})
    negatives = []
    for data in ("own", "given"):
        for M in (1, 2, 4):
            for w in (0.0, 1.0):
                lost = w == 0 and M == 1
                at = {
                    "example": "wrong_network",
                    "data": data,
                    "t": 4.0,
                    "M": M,
                    "w": w,
                    "status": "failed" if lost else "ok",
                }
                height, kl = (math.nan, math.nan) if lost else ((w - 1) / M, 0.02 + (1.01 - w) * 0.01 / M)
                negatives += [at | {"statistic": name, "mismatch": height, "kl": kl} for name in STATISTICS]
    return {
        name: pd.DataFrame(rows)
        for name, rows in zip(("mismatch", "divergence", "negatives"), (mismatch, divergence, negatives), strict=True)
    }


@pytest.fixture
def figure(saved_figures, tmp_path):
    figures = saved_figures(module)
    discrepancy_time(tables(), tmp_path / "figure")
    return figures[0]


def curves(axes, loss):
    """Points of the lines with the loss's colour, in the order drawn."""
    colour = look("ebm", loss, "none").colour
    lines = [line for line in axes.lines if line.get_color() == colour]
    return [list(zip(line.get_xdata(), line.get_ydata(), strict=True)) for line in lines]


def test_a_curve_a_statistic_starts_from_score_matchings_line(figure):
    for row in (0, 3):
        axes = figure.axes[row]
        assert curves(axes, "ed") == [[(t, -(1 + i) / (1 + 10 * t)) for t in TIMES] for i in range(2)]
        assert [line[0][1] for line in curves(axes, "sm")] == [-1.0, -2.0]
        assert curves(figure.axes[row + 1], "nce")[0] == [(k, 1 / k) for k in RATIOS]
        assert axes.get_xscale() == figure.axes[row + 1].get_xscale() == "log"
        # mismatches of both are to be compared
        assert axes.get_ylim() == figure.axes[row + 1].get_ylim()
    styles = {
        line.get_linestyle() for line in figure.axes[0].lines if line.get_color() == look("ebm", "ed", "none").colour
    }
    assert len(styles) == 2


def test_divergences_stand_at_variances_and_end_above_score_matchings(figure):
    axes = figure.axes[2]
    assert curves(axes, "ed")[0] == [(t, 0.02 + 0.04 / (1 + 10 * t)) for t in TIMES]
    assert [x for x, _ in curves(axes, "dsm")[0]] == pytest.approx([0.04, 0.16])
    assert (curves(axes, "sm")[0][0][1], curves(axes, "ml")[0][0][1]) == (0.06, 0.02)
    low, high = axes.get_ylim()
    assert low < 0.02 and 0.06 < high < 0.5
    assert "lower is better" in axes.get_ylabel()


def test_few_negatives_are_one_line_a_stabiliser_and_say_where_there_is_none(figure):
    own, given, kl = figure.axes[6:9]
    names = [text.get_text() for text in figure.legends[1].get_texts()]
    assert names == ["w = 0 (failed at M = 1)", "w = 1"]
    for axes in (own, given):
        assert axes.get_lines()[1].get_ydata().tolist() == [0.0, 0.0, 0.0]
        assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2", "4"]
    assert kl.get_ylim()[0] < 0.02 < kl.get_ylim()[1]


def test_all_numbers_are_in_the_csv(tmp_path):
    discrepancy_time(tables(), tmp_path / "figure")
    drawn = pd.read_csv(tmp_path / "figure.csv")
    assert drawn["panel"].value_counts().to_dict() == {name: len(table) for name, table in tables().items()}
    assert (tmp_path / "figure.pdf").read_bytes().startswith(b"%PDF")
