from __future__ import annotations

import math

import pandas as pd
import pytest

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.reporting.figures import kl_and_mse as module
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.style import GREEN
from ebmbench.workflow.stages.figures import draw

EXACT, DATA_Z = "mse_log_density", "mse_log_density_data_z"


@pytest.fixture(scope="module")
def drawn(suite, tmp_path_factory) -> pd.DataFrame:
    stem = tmp_path_factory.mktemp("figures") / "both"
    draw("kl_and_mse", {}, Inputs(*suite), stem)
    assert stem.with_name("both.pdf").read_bytes().startswith(b"%PDF")
    return read_typed(stem.with_name("both.csv"))


@pytest.fixture
def figure(suite, saved_figures, tmp_path):
    figures = saved_figures(module)
    draw("kl_and_mse", {}, Inputs(*suite), tmp_path / "both")
    return figures[0]


def of(table: pd.DataFrame, family: str, stats: str = "none") -> pd.DataFrame:
    return table[(table["dataset"] == "ball") & (table["family"] == family) & (table["stats"] == stats)]


def test_a_row_holds_the_means_of_all_three(drawn):
    ed = of(drawn, "ebm")
    last = ed[ed["loss"] == "ed"].iloc[-1]
    assert (last["step"], last["cost"], last["seeds"]) == (50, 50, 3)
    assert last["kl"] == pytest.approx(0.011 + math.exp(-6))
    assert last[EXACT] == pytest.approx(5 * math.exp(-5))
    columns = [DATA_Z, f"{DATA_Z}_min", f"{DATA_Z}_max"]
    assert last[columns].tolist() == pytest.approx([math.exp(-5) + shift for shift in (0.1, 0.0, 0.2)])


def test_a_cell_has_one_row_a_step_and_one_if_all_its_runs_failed(drawn):
    assert not drawn.duplicated(["dataset", "family", "loss", "stats", "step"]).any()
    failed = drawn[drawn["loss"] == "cd"]
    assert len(failed) == 2 and set(failed["failed"]) == {3}
    assert failed[["kl", EXACT, DATA_Z]].isna().all(axis=None)


def test_kl_is_above_and_below_are_the_data_z_solid_and_the_exact_dashed(drawn, figure):
    upper, lower = figure.axes[0], figure.axes[2]
    flow = of(drawn, "flow").iloc[1:]
    (kl,) = (line for line in upper.lines if line.get_marker() == "*")
    assert kl.get_ydata() == pytest.approx(flow["kl"])
    (solid,) = (line for line in lower.lines if line.get_marker() == "*")
    assert solid.get_linestyle() == "-" and kl.get_linestyle() != "-"  # the flow's own line is of dashes
    assert solid.get_ydata() == pytest.approx(flow[DATA_Z])
    same = [line for line in lower.lines if line.get_color() == solid.get_color() and line.get_linestyle() == "--"]
    assert len(same) == 1
    assert same[0].get_ydata() == pytest.approx(flow[EXACT])
    assert flow[EXACT].min() > 2 * flow[DATA_Z].max()  # exchanged lines would be seen


def test_both_rows_share_the_steps(drawn, figure):
    upper, lower = figure.axes[0], figure.axes[2]
    assert upper.get_shared_x_axes().joined(upper, lower)
    assert (upper.get_xlabel(), lower.get_xlabel()) == ("", "training steps")
    line = next(line for line in lower.lines if line.get_markerfacecolor() == GREEN and line.get_marker() == "o")
    assert list(line.get_xdata()) == [10, 20, 30, 40, 50]
    assert upper.get_title().startswith("ball\nno result: ebm · cd (3)")
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels[-2:] == ["below: log Z from the data", "below: exact log Z"]


def test_a_table_without_the_column_is_refused_in_one_line(suite, inputs_with, tmp_path):
    curves = read_typed(suite.tables / "curves.csv").drop(columns=DATA_Z)
    line = rf"^curves.csv: no column '{DATA_Z}'; did you mean mse_log_density\? allowed: dataset, .*kl"
    with pytest.raises(UserError, match=line) as caught:
        draw("kl_and_mse", {}, inputs_with(curves=curves), tmp_path / "both")
    assert "\n" not in str(caught.value)
