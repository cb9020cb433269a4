from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save_file

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.core.files import read_json
from ebmbench.reporting.figures import densities
from ebmbench.reporting.figures import density_panels as module
from ebmbench.reporting.figures.density_panels import WIDE, DensityPanels, heading
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.workflow.stages.figures import draw


@pytest.fixture(scope="module")
def stem(suite, tmp_path_factory):
    stem = tmp_path_factory.mktemp("figures") / "density"
    DensityPanels()(Inputs(*suite, named=True), stem)
    return stem


def drawn(stem) -> tuple[pd.DataFrame, pd.DataFrame]:
    return read_typed(stem.with_name("density.csv")), read_typed(stem.with_name("density_grid.csv"))


def test_files_are_made(stem):
    assert stem.with_name("density.pdf").read_bytes().startswith(b"%PDF")
    assert stem.with_name("density.png").read_bytes().startswith(b"\x89PNG")


def test_the_report_shows_trained_methods_without_statistics(suite, tmp_path):
    draw("density_panels", {}, Inputs(*suite), tmp_path / "density")
    panels = read_typed(tmp_path / "density.csv")
    assert set(panels["stats"].dropna()) == {"none"}
    assert set(panels["family"]) == {"data", "ebm", "flow"}


def test_a_method_that_one_data_set_lacks_keeps_its_column(suite, tmp_path):
    kept = [folder for folder in suite.run_dirs if "ring/flow" not in str(folder)]
    DensityPanels()(Inputs(kept, suite.data_files, suite.tables), tmp_path / "density")
    panels = read_typed(tmp_path / "density.csv").set_index(["dataset", "family"])
    assert panels.loc[("ring", "flow"), "note"] == "not in\nthe grid"
    counts = panels.groupby("dataset").size()
    assert counts["ring"] == counts["ball"]


def test_the_drawn_densities_are_those_of_the_files(suite, stem):
    panels, cells = drawn(stem)
    truth = load_file(suite.data_files[1].with_suffix(".safetensors"))["grid/log_prob"].reshape(24, 24)
    scale = panels[panels["dataset"] == "ring"]["colour_scale_end"].unique()
    assert scale == pytest.approx(np.exp(truth).max())
    shown = cells[(cells["dataset"] == "ring") & (cells["family"] == "data")]
    np.testing.assert_allclose(shown.filter(regex=r"^y\d").to_numpy(), np.exp(truth) / scale, atol=6e-5)
    folder = next(path for path in suite.run_dirs if "ring/ebm-ed-moments" in str(path))
    model = load_file(folder / "log_prob.safetensors")["0/grid"].reshape(24, 24)
    shown = cells[(cells["dataset"] == "ring") & (cells["stats"] == "moments")].filter(regex=r"^y\d").to_numpy()
    np.testing.assert_allclose(shown, np.exp(model - 1.5) / scale, atol=6e-5)
    assert np.abs(shown - np.exp(model) / scale).max() > 0.1  # without log Z
    assert np.abs(shown - shown.T).max() > 0.1  # the first coordinate is the row


def test_panels_tell_kl_and_what_failed(stem):
    panels, _ = drawn(stem)
    ball = panels[panels["dataset"] == "ball"].set_index(["family", "loss", "stats"])
    assert ball.loc[("ebm", "cd", "none"), "note"] == "3 diverged\nat steps 200–220"
    assert pd.isna(ball.loc[("ebm", "cd", "none"), "run"])
    assert ball.loc[("ebm", "ed", "moments"), "kl"] == pytest.approx(0.02 * (1 + 1.1 + 1.2) / 3)
    assert ball.loc[("kde", "none", "none"), "run"] == "ball/kde-none-none/s0"
    assert ball.loc[("kde", "none", "none"), "kl_seeds"] == 2
    assert ball.loc[("kde", "none", "none"), "failures"] == "1 timeout"
    assert pd.isna(ball.loc[("ebm", "ed", "moments"), "failures"])


def test_a_failed_panel_holds_its_status_and_no_image(suite, monkeypatch, saved_figures):
    figures = saved_figures(module)
    monkeypatch.setattr(module, "write_csv", lambda *_: None)
    DensityPanels()(Inputs(*suite, named=True), suite.tables)
    axes = [a for a in figures[0].axes if a.axison]
    texts = [[text.get_text() for text in a.texts] for a in axes]
    assert [a.get_title() for a in axes[:3]] == ["data", "ebm\ned", "ebm\ned\nmoments"]
    failed = [index for index, found in enumerate(texts) if any("3 diverged" in text for text in found)]
    assert failed == [5, 11]
    assert [len(a.images) for a in axes] == [0 if index in failed else 1 for index in range(12)]
    assert "KL 0.011" in texts[1] and "ball" in texts[0]
    assert all(axes[0].images[0].norm.vmax == a.images[0].norm.vmax for a in axes if a.images)


def test_many_methods_take_more_lines(suite, monkeypatch, saved_figures):
    monkeypatch.setattr(module, "ACROSS", 4)
    figures = saved_figures(module)
    monkeypatch.setattr(module, "write_csv", lambda *_: None)
    DensityPanels()(Inputs(*suite, named=True), suite.tables)
    axes = figures[0].axes
    assert len(axes) == 4 * 3 and all(a.axison and a.get_title() for a in axes)


def test_a_panel_is_drawn_by_means_over_squares(suite, monkeypatch):
    monkeypatch.setattr(densities, "CELLS", 12)
    path = suite.data_files[1].with_suffix(".safetensors")
    p = np.exp(load_file(path)["grid/log_prob"]).reshape(24, 24)
    expected = (p[::2, ::2] + p[1::2, ::2] + p[::2, 1::2] + p[1::2, 1::2]) / 4
    np.testing.assert_allclose(densities.read_density(path, "grid/log_prob", 0.0), expected)
    assert np.abs(expected - p[::2, ::2]).max() > 0.01  # taking every second point instead


def test_a_wrong_grid_is_named(suite, tmp_path):
    path = tmp_path / "seeds0-2.json"
    path.write_text(suite.data_files[0].read_text())
    save_file({"grid/log_prob": np.zeros(100)}, path.with_suffix(".safetensors"))
    n = read_json(path)["grid"]["n"]
    with pytest.raises(UserError, match=f"100 values; allowed: {n} x {n}"):
        DensityPanels()(Inputs([], [path], suite.tables), tmp_path / "figure")


def test_long_names_are_broken_and_short_ones_are_not():
    assert heading("ebm · ed · moments") == "ebm\ned\nmoments"
    broken = heading("ebm · torchebm_dsm_negated")
    assert broken == "ebm\ntorchebm_dsm_\nnegated"
    assert all(len(line) <= WIDE + 1 for line in broken.split("\n"))
