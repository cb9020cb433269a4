"""The figure of distances against steps, from hand-made tables."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ebmbench.core.csv_schema import read_typed
from ebmbench.reporting.figures import fd_steps as module
from ebmbench.reporting.figures.fd_steps import fd_steps


def tables(beta=1.0):
    rows = [
        {
            "step_size": size,
            "steps": steps,
            "distance": 50 / (1 + size * steps),
            "stderr": 0.5,
            "n": 100,
            "status": "ok",
        }
        for size in (0.1, 1.0)
        for steps in (0, 1, 3, 10)
    ]
    draws = pd.DataFrame(rows).assign(beta=beta, extractor="cnn", reason="")
    lost = (draws["step_size"] == 1.0) & (draws["steps"] >= 3)
    draws.loc[lost, ["distance", "stderr", "status"]] = math.nan, math.nan, "diverged"
    return {"draws": draws, "floor": pd.DataFrame([{"distance": 2.0, "stderr": 0.1, "n": 100}])}


@pytest.fixture
def axes_of(saved_figures, tmp_path):
    def of(given):
        figures = saved_figures(module)
        fd_steps(given, tmp_path / "steps")
        return figures[0].axes[0]

    return of


def test_a_line_a_step_size_from_the_base_on(axes_of):
    axes = axes_of(tables())
    shown = [container.lines[0].get_xdata().tolist() for container in axes.containers]
    assert shown == [[0, 1, 3, 10], [0, 1]]
    assert axes.get_xscale() == "symlog" and axes.get_xlim()[0] < 0
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "1", "3", "10"]
    assert axes.get_yscale() == "log" and "lower is better" in axes.get_ylabel() and "cnn" in axes.get_ylabel()


def test_floor_and_lost_chains_are_reported(axes_of):
    axes = axes_of(tables(beta=10.0))
    labels = axes.get_legend_handles_labels()[1]
    assert labels == ["0.1", "1\n(diverged by step 3)"]
    assert "β = 10" in axes.get_xlabel()
    dashed = next(line for line in axes.lines if line.get_linestyle() == "--")
    assert set(dashed.get_ydata()) == {2.0} and axes.texts[0].get_text() == "training images"


def test_a_narrow_range_begins_at_nought(axes_of):
    given = tables()
    given["draws"]["distance"] = 5.0
    axes = axes_of(given)
    assert axes.get_yscale() == "linear" and axes.get_ylim()[0] == 0


def test_files_hold_the_numbers(tmp_path):
    fd_steps(tables(), tmp_path / "steps")
    found = read_typed(tmp_path / "steps.csv")
    assert found["panel"].value_counts().to_dict() == {"draws": 8, "floor": 1}
    assert (tmp_path / "steps.pdf").read_bytes().startswith(b"%PDF")
