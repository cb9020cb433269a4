from __future__ import annotations

import math

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from ebmbench.core.csv_schema import read_typed
from ebmbench.reporting.figures import kl_curves as module
from ebmbench.reporting.figures.courses import EVALUATIONS, SECONDS, STEPS, course
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.style import GREEN, look
from ebmbench.workflow.stages.figures import draw


@pytest.fixture
def curves(suite) -> pd.DataFrame:
    return read_typed(suite.tables / "curves.csv")


@pytest.fixture
def runs(suite) -> pd.DataFrame:
    return read_typed(suite.tables / "runs.csv")


@pytest.fixture
def figure_of(inputs_with, saved_figures, tmp_path):
    """The figure against seconds with other curves."""

    def of(curves):
        figures = saved_figures(module)
        draw("kl_seconds", {}, inputs_with(curves=curves), tmp_path / "kl")
        return figures[0]

    return of


def of(table: pd.DataFrame, loss: str, stats: str = "none", dataset: str = "ball") -> pd.DataFrame:
    wanted = (table["dataset"] == dataset) & (table["loss"] == loss) & (table["stats"] == stats)
    return table[wanted & (table["family"] != "kde")]


def test_a_point_is_the_mean_over_seeds_and_the_band_their_range(curves, runs):
    last = of(course(curves, runs, SECONDS), "ed").iloc[-1]
    values = [0.01 * (1 + 0.1 * seed) + math.exp(-6) for seed in range(3)]
    assert last[["kl", "kl_min", "kl_max"]].tolist() == pytest.approx([sum(values) / 3, values[0], values[2]])
    assert (last["cost"], last["seeds"], last["of"]) == (pytest.approx(0.5), 3, 3)


def test_fewer_checkpoints_of_a_seed_lower_the_count(curves, runs):
    table = of(course(curves, runs, SECONDS), "ed", "moments")
    assert list(table["step"]) == [0, 10, 20, 30, 40, 50]
    assert list(table["seeds"]) == [3, 3, 3, 3, 2, 2]
    assert table["kl"].iloc[-1] == pytest.approx(0.02 * 1.05 + math.exp(-6))


def test_evaluations_are_those_of_energy_and_gradient(curves, runs):
    table = of(course(curves, runs, EVALUATIONS), "ed", "moments")
    assert list(table["cost"])[1] == 640 + 64
    assert list(table["cost"])[1] != 640


def test_steps_are_a_cost(curves, runs):
    table = of(course(curves, runs, STEPS), "ed")
    assert list(table["cost"]) == list(table["step"]) == [0, 10, 20, 30, 40, 50]


def test_a_run_that_failed_is_counted_and_not_in_the_mean(curves, runs):
    table = course(curves, runs, SECONDS)
    assert len(of(curves, "cd")) == 6  # its checkpoints before it diverged
    diverged = of(table, "cd")
    assert len(diverged) == 1 and diverged["kl"].isna().all()
    assert (diverged["failed"].iloc[0], diverged["seeds"].iloc[0]) == (3, 0)
    kde = table[(table["family"] == "kde") & (table["dataset"] == "ball")]
    assert set(kde["failed"]) == {1} and kde["seeds"].max() == 2


def test_a_data_set_without_kl_is_left_out(curves, runs):
    curves.loc[curves["dataset"] == "ring", "kl"] = math.nan
    assert set(course(curves, runs, SECONDS)["dataset"]) == {"ball"}


def test_files_are_made_and_the_csv_is_what_is_drawn(suite, curves, runs, tmp_path):
    draw("kl_seconds", {}, Inputs(*suite), tmp_path / "kl")
    draw("kl_evaluations", {}, Inputs(*suite), tmp_path / "evaluations")
    assert (tmp_path / "kl.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "evaluations.png").read_bytes().startswith(b"\x89PNG")
    expected = course(curves, runs, EVALUATIONS)
    pd.testing.assert_frame_equal(read_typed(tmp_path / "evaluations.csv"), expected, rtol=1e-8, check_dtype=False)


def test_lines_hold_the_numbers_and_the_methods_colours(curves, runs, figure_of):
    figure = figure_of(curves)
    ball = figure.axes[0]
    assert ball.get_title() == "ball\nno result: ebm · cd (3), kde (1)"
    assert ball.get_xscale() == ball.get_yscale() == "log"
    line = next(line for line in ball.lines if line.get_markerfacecolor() == GREEN and line.get_marker() == "o")
    expected = of(course(curves, runs, SECONDS), "ed").iloc[1:]
    assert line.get_xdata() == pytest.approx(expected["cost"])
    assert line.get_ydata() == pytest.approx(expected["kl"])
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["ebm · ed", "ebm · ed · moments", "flow · ml", "kde"]
    colours = [to_hex(handle.get_color()) for handle in figure.legends[0].legend_handles]
    assert colours[2] == to_hex(look("flow", "ml", "none").colour)


def test_panels_and_labels_are_in_the_order_of_the_runs(suite, saved_figures, tmp_path):
    figures = saved_figures(module)
    draw("kl_steps", {}, Inputs(suite.run_dirs[::-1], suite.data_files[::-1], suite.tables), tmp_path / "kl")
    assert [axes.get_title().partition("\n")[0] for axes in figures[0].axes] == ["ring", "ball"]
    labels = [text.get_text() for text in figures[0].legends[0].get_texts()]
    assert labels == ["kde", "flow · ml", "ebm · ed · moments", "ebm · ed"]
    assert figures[0].axes[0].get_xlabel() == "training steps"


def test_a_method_without_cost_is_a_line_across(curves, figure_of):
    curves.loc[curves["family"] == "flow", "seconds"] = 0.0
    line = next(line for line in figure_of(curves).axes[0].lines if line.get_marker() == "*")
    assert list(line.get_xdata()) == [0, 1]  # of the panel's width
    assert list(line.get_ydata()) == pytest.approx([0.03 * 1.1 + math.exp(-6)] * 2)


def test_rounding_does_not_stretch_the_axis(curves, figure_of):
    curves.loc[curves["family"] == "flow", ["kl", "seconds"]] = (1e-12, 0.0)
    figure = figure_of(curves)
    assert figure.axes[0].get_ylim()[0] > 1e-3
    assert "flow · ml" not in [text.get_text() for text in figure.legends[0].get_texts()]


def test_an_empty_table_gives_an_empty_figure(curves, inputs_with, tmp_path):
    draw("kl_seconds", {}, inputs_with(curves=curves.assign(kl=math.nan)), tmp_path / "empty")
    assert (tmp_path / "empty.png").stat().st_size > 0
    assert len(read_typed(tmp_path / "empty.csv")) == 0
