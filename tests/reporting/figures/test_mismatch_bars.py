from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.reporting.figures import mismatch_bars as module
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.mismatch_bars import BAR, MARKED, MARKER, PLAIN, MismatchBars, bars
from ebmbench.reporting.figures.style import look
from ebmbench.workflow.stages.figures import draw


@pytest.fixture
def summary(suite) -> pd.DataFrame:
    return read_typed(suite.tables / "summary.csv")


@pytest.fixture
def figure_of(inputs_with, saved_figures, tmp_path):
    """The figure of a summary."""

    def of(summary):
        figures = saved_figures(module)
        MismatchBars()(inputs_with(summary=summary), tmp_path / "bars")
        return figures[0]

    return of


def place_of(axes, method: str) -> int:
    return [label.get_text() for label in axes.get_yticklabels()].index(method)


def bar_of(axes, method: str):
    """The bar at a method's label."""
    place = place_of(axes, method) + BAR
    return next(patch for patch in axes.patches if abs(patch.get_y() + patch.get_height() / 2 - place) < 1e-9)


def marker_of(axes, method: str):
    """The sampler's marker at a method's label."""
    place = place_of(axes, method) + MARKER
    (found,) = (line for line in axes.lines if line.get_marker() in (PLAIN, MARKED) and line.get_ydata()[0] == place)
    return found


def test_the_csv_is_the_summary(suite, summary, tmp_path):
    draw("mismatch_bars", {}, Inputs(*suite), tmp_path / "bars")
    assert (tmp_path / "bars.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "bars.png").read_bytes().startswith(b"\x89PNG")
    drawn = read_typed(tmp_path / "bars.csv")
    rows = summary[summary["metric"] == "moments_mismatch_mean"].reset_index(drop=True)
    assert len(drawn) == 20
    names = ["family", "distribution", "mean", "ci_low", "marks"]
    pd.testing.assert_frame_equal(drawn[names], rows[names])
    assert set(drawn["floor"]) == {0.008}


def test_bars_are_the_means_in_the_methods_colours(summary, figure_of):
    axes = figure_of(summary).axes[0]
    bar = bar_of(axes, "ebm · ed")
    assert bar.get_width() == pytest.approx(0.02 * 1.1)
    assert to_hex(bar.get_facecolor()) == to_hex(look("ebm", "ed", "none").colour)
    assert to_hex(bar_of(axes, "flow · ml").get_facecolor()) == to_hex(look("flow", "ml", "none").colour)
    dashed = [line for line in axes.lines if line.get_linestyle() == "--"]
    assert [list(line.get_xdata()) for line in dashed] == [[0.008, 0.008]]
    assert axes.get_xscale() == "linear" and axes.get_xlim()[0] == 0


def test_the_sampler_is_a_hollow_marker_with_its_own_mean_and_interval(summary, figure_of):
    figure = figure_of(summary)
    axes = figure.axes[0]
    marker = marker_of(axes, "flow · ml")
    assert marker.get_xdata()[0] == pytest.approx(1.5 * bar_of(axes, "flow · ml").get_width())
    assert to_hex(marker.get_markerfacecolor()) == "#ffffff"
    assert to_hex(marker.get_markeredgecolor()) == to_hex(look("flow", "ml", "none").colour)
    row = summary[(summary["metric"] == "moments_mismatch_mean") & (summary["distribution"] == "sampler")]
    row = row[(row["dataset"] == "ball") & (row["loss"] == "ml")].iloc[0]
    ends = [tuple(bar.get_segments()[0][:, 0]) for bar in axes.collections if len(bar.get_segments())]
    assert pytest.approx((row["ci_low"], row["ci_high"])) in ends
    reported = [text.get_text() for text in figure.legends[0].get_texts()]
    assert reported[:2] == ["model", "declared sampler"] and "unconverged" in reported[2]


def test_marked_runs_are_a_cross(summary, figure_of):
    axes = figure_of(summary).axes[0]
    assert marker_of(axes, "ebm · ed").get_marker() == MARKED
    assert marker_of(axes, "ebm · ed · moments").get_marker() == PLAIN
    clean = figure_of(summary.assign(marks=None))
    assert marker_of(clean.axes[0], "ebm · ed").get_marker() == PLAIN
    assert len(clean.legends[0].get_texts()) == 2


def test_a_distribution_without_a_value_leaves_the_other(summary, figure_of):
    lost = (summary["distribution"] == "model") & (summary["loss"] == "ml") & (summary["dataset"] == "ball")
    summary = summary.copy()
    summary.loc[lost, ["mean", "ci_low", "ci_high"]] = float("nan")
    summary.loc[lost, ["seeds", "failed"]] = [0, 3]
    summary.loc[lost, "failures"] = "3 skipped"
    axes = figure_of(summary).axes[0]
    assert {text.get_text() for text in axes.texts} == {"3 diverged", "1 timeout", "model: 3 skipped"}
    assert len(axes.patches) == 3 and marker_of(axes, "flow · ml").get_marker() == PLAIN


def test_failures_are_reported_and_have_no_bar(summary, figure_of):
    axes = figure_of(summary).axes[0]
    assert {text.get_text() for text in axes.texts} == {"3 diverged", "1 timeout"}
    assert len(axes.patches) == 4


def test_rows_are_in_the_order_of_the_runs_from_the_top(suite, saved_figures, tmp_path):
    figures = saved_figures(module)
    draw("mismatch_bars", {"title": "Bars"}, Inputs(suite.run_dirs[::-1], *suite[1:]), tmp_path / "bars")
    labels = [label.get_text() for label in figures[0].axes[0].get_yticklabels()]
    assert labels[::-1] == ["ebm · cd", "kde", "flow · ml", "ebm · ed · moments", "ebm · ed"]
    assert figures[0].get_suptitle() == "Bars"


def test_a_wide_range_is_logarithmic(summary, figure_of):
    wide = summary.copy()
    wide.loc[(wide["dataset"] == "ring") & (wide["loss"] == "ml"), ["mean", "ci_low", "ci_high"]] *= 100
    ball, ring = figure_of(wide).axes
    assert (ball.get_xscale(), ring.get_xscale()) == ("linear", "log")


def test_the_floor_is_read_from_its_own_metric(summary):
    assert bars(summary[summary["metric"] == "moments_mismatch_mean"])["floor"].isna().all()


def test_an_unknown_figure_is_refused(suite, tmp_path):
    with pytest.raises(UserError, match="'pie' is unknown; allowed: ablation_heat_map, ablation_panels"):
        draw("pie", {}, Inputs(*suite), tmp_path / "pie")
