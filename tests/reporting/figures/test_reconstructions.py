"""Reconstructions from hand-made runs: whose, of which seed, and what is reported of them."""

from __future__ import annotations

import numpy as np
import pytest

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.reporting.figures import reconstructions as module
from ebmbench.reporting.figures.pictures import mosaic
from ebmbench.workflow.stages.figures import draw
from tests.helpers import image_runs


@pytest.fixture
def shown(pictures, monkeypatch, tmp_path):
    """The lines of a figure and its table."""
    kept = []
    monkeypatch.setattr(module, "save", lambda figure, table, _: kept.extend((figure, table)))
    draw("reconstructions", {"shown": 5, "title": "Kept"}, pictures, tmp_path / "kept")
    return kept[0].axes, kept[1]


def test_methods_that_infer_latents_at_the_seed_that_most_have(shown):
    _, table = shown
    names = list(zip(table["dataset"], table["family"], strict=True))
    assert names == [
        *(("digits", name) for name in ("data", "lebm", "vae")),
        *(("but4", name) for name in ("data", "vae", "lebm")),
    ]
    runs = table["run"].tolist()
    assert runs == ["", "digits/lebm-ed-none/s1", "digits/vae-elbo-none/s1", "", "but4/vae-elbo-none/s0", ""]
    assert table["n"].tolist() == [5, 5, 5, 5, 5, 0]
    assert table["note"].iloc[5] == "2 diverged at steps 7–8"


def test_lines_hold_the_images_and_the_errors(shown):
    axes, _ = shown
    test = image_runs.away(image_runs.train_rows(1), image_runs.TEST, image_runs.TEST_AWAY)
    assert np.array_equal(axes[0].images[0].get_array(), mosaic(test[:5], 5))
    assert np.array_equal(axes[2].images[0].get_array(), mosaic(test[:5] * 0.5, 5))
    texts = [{text.get_text() for text in one.texts} for one in axes]
    assert "mean squared error\n(lower is better)" in texts[0]
    assert {"lebm · ed", "0.4"} <= texts[1] and {"vae · elbo", "0.20 ± 0.10"} <= texts[2]
    assert "2 diverged at steps 7–8" in texts[5] and not axes[5].images
    assert axes[0].get_title() == "digits" and axes[3].get_title() == "but4"


def test_files_are_made_with_the_errors(pictures, tmp_path):
    draw("reconstructions", {}, pictures, tmp_path / "kept")
    assert (tmp_path / "kept.pdf").read_bytes().startswith(b"%PDF")
    table = read_typed(tmp_path / "kept.csv").set_index(["dataset", "family"])
    row = table.loc[("digits", "vae")]
    assert row["reconstruction_mse"] == 0.2 and row["reconstruction_mse_half_interval"] == pytest.approx(0.1)
    assert row["n"] == 12 and row["reconstruction_mse_seeds"] == 2


def test_without_latents_and_with_no_image_it_is_one_line(pictures, tmp_path):
    flows = pictures._replace(run_dirs=[folder for folder in pictures.run_dirs if "flow" in str(folder)])
    with pytest.raises(UserError, match="it shows no method that infers latents; select some with match"):
        draw("reconstructions", {}, flows, tmp_path / "kept")
    with pytest.raises(UserError, match="figure reconstructions: shown = 0; allowed: 1 or more"):
        draw("reconstructions", {"shown": 0}, pictures, tmp_path / "kept")
