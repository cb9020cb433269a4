from __future__ import annotations

import pandas as pd
import pytest

from ebmbench.core.csv_schema import read_typed
from ebmbench.reporting.figures import ablation_panels as module
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.workflow.stages.figures import draw


@pytest.fixture(scope="module")
def stem(swept, tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    draw("ablation_panels", {}, Inputs(*swept), folder / "settings")
    draw("density_panels", {}, Inputs(*swept), folder / "plain")
    return folder / "settings"


@pytest.fixture
def axes(swept, monkeypatch, saved_figures, tmp_path):
    """The axes by line and place, of ``ball`` alone."""
    figures = saved_figures(module)
    monkeypatch.setattr(module, "write_csv", lambda *_: None)
    draw("ablation_panels", {"title": "Settings"}, Inputs(*swept)._replace(data_files=swept.data_files[:1]), tmp_path)
    assert figures[0].get_suptitle() == "Settings"
    return [figures[0].axes[start : start + 3] for start in range(0, 9, 3)]


def test_panels_are_listed_with_their_settings(stem):
    panels = read_typed(stem.with_name("settings.csv"))
    ring = panels[panels["dataset"] == "ring"].set_index("loss")
    assert ring.loc["ed_free_32", ["t", "w", "M", "run"]].tolist() == [1, 0, 32, "ring/ebm-ed_free_32-none/s0"]
    assert ring.loc["ed_near_1", "kl"] == pytest.approx(0.011)
    assert ring.loc["ed_heavy_1", "note"] == "3 diverged\nat steps 200–220"
    assert "sm" not in ring.index
    assert len(ring) == 6  # the data's and five of the loss
    assert panels[panels["family"] == "data"]["M"].isna().all()


def test_densities_are_those_of_the_plain_panels(stem):
    found, plain = (read_typed(stem.with_name(f"{name}_grid.csv")) for name in ("settings", "plain"))
    keys = ["dataset", "family", "loss", "x"]
    both = found.merge(plain, on=keys, suffixes=("", "_plain"))
    assert len(both) == len(found) == 2 * 5 * 24
    assert (both["y11"] == both["y11_plain"]).all() and both["y11"].max() > 0.1
    pd.testing.assert_frame_equal(found, both[found.columns])


def test_rows_and_columns_are_named_once(axes):
    titles = [[one.get_title() for one in line] for line in axes]
    assert titles == [["data", "M = 1", "M = 32"], ["", "", ""], ["", "", ""]]
    labels = [[one.get_text() for one in line[1].texts if "t = " in one.get_text()] for line in axes]
    assert labels == [["t = 0.0025\nw = 1"], ["t = 1\nw = 0"], ["t = 1\nw = 50"]]
    assert not any("t = " in one.get_text() for line in axes for one in line[2].texts)


def test_a_place_without_a_cell_is_empty_and_a_failure_is_reported(axes):
    assert [[one.axison for one in line] for line in axes] == [[True] * 3, [False, True, True], [False, True, False]]
    assert [len(one.images) for line in axes for one in line] == [1, 1, 1, 0, 1, 1, 0, 0, 0]
    assert "3 diverged\nat steps 200–220" in [one.get_text() for one in axes[2][1].texts]
    assert "KL 0.044\n1 timeout" in [one.get_text() for one in axes[1][2].texts]
