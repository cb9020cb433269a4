from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from ebmbench.errors import UserError
from ebmbench.figures import mismatch_bars as module
from ebmbench.figures.mismatch_bars import bars, mismatch_bars
from ebmbench.figures.style import look
from ebmbench.rows import read_typed
from ebmbench.stages.figures import Inputs, draw


@pytest.fixture
def summary(suite) -> pd.DataFrame:
    return read_typed(suite.tables / "summary.csv")


def figure_of(summary, monkeypatch, tmp_path):
    figures = []
    monkeypatch.setattr(module, "save", lambda figure, *_: figures.append(figure))
    mismatch_bars(summary, tmp_path)
    return figures[0]


def bar_of(axes, method: str):
    """The bar at a method's label."""
    place = [label.get_text() for label in axes.get_yticklabels()].index(method)
    return next(patch for patch in axes.patches if abs(patch.get_y() + patch.get_height() / 2 - place) < 1e-9)


def test_the_csv_is_the_summary(suite, summary, tmp_path):
    draw("mismatch_bars", Inputs(*suite), tmp_path / "bars")
    assert (tmp_path / "bars.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "bars.png").read_bytes().startswith(b"\x89PNG")
    drawn = read_typed(tmp_path / "bars.csv")
    rows = summary[summary["metric"] == "moments_mismatch_mean"].reset_index(drop=True)
    assert len(drawn) == 10
    pd.testing.assert_frame_equal(drawn[["family", "mean", "ci_low"]], rows[["family", "mean", "ci_low"]])
    assert set(drawn["floor"]) == {0.008}


def test_bars_are_the_means_in_the_methods_colours(summary, monkeypatch, tmp_path):
    axes = figure_of(summary, monkeypatch, tmp_path).axes[0]
    bar = bar_of(axes, "ebm · ed")
    assert bar.get_width() == pytest.approx(0.02 * 1.1)
    assert to_hex(bar.get_facecolor()) == to_hex(look("ebm", "ed", "none").colour)
    assert to_hex(bar_of(axes, "flow · ml").get_facecolor()) == to_hex(look("flow", "ml", "none").colour)
    dashed = [line for line in axes.lines if line.get_linestyle() == "--"]
    assert [list(line.get_xdata()) for line in dashed] == [[0.008, 0.008]]
    assert axes.get_xscale() == "linear" and axes.get_xlim()[0] == 0


def test_failures_are_told_and_have_no_bar(summary, monkeypatch, tmp_path):
    axes = figure_of(summary, monkeypatch, tmp_path).axes[0]
    assert {text.get_text() for text in axes.texts} == {"3 diverged", "1 timeout"}
    assert len(axes.patches) == 4


def test_a_wide_range_is_logarithmic(summary, monkeypatch, tmp_path):
    wide = summary.copy()
    wide.loc[(wide["dataset"] == "ring") & (wide["loss"] == "ml"), ["mean", "ci_low", "ci_high"]] *= 100
    ball, ring = figure_of(wide, monkeypatch, tmp_path).axes
    assert (ball.get_xscale(), ring.get_xscale()) == ("linear", "log")


def test_the_floor_is_read_from_its_own_metric(summary):
    assert bars(summary[summary["metric"] == "moments_mismatch_mean"])["floor"].isna().all()


def test_an_unknown_figure_is_refused(suite, tmp_path):
    with pytest.raises(UserError, match="'pie' is unknown; allowed: density_panels, kl_seconds"):
        draw("pie", Inputs(*suite), tmp_path / "pie")
