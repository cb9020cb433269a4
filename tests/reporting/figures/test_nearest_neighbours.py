"""Nearest train images of draws that are train images moved by a known distance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.reporting.figures import nearest_neighbours as module
from ebmbench.reporting.figures import neighbours
from ebmbench.reporting.figures.pictures import mosaic
from ebmbench.workflow.stages.figures import draw
from tests.helpers import image_runs


@pytest.fixture(scope="module")
def tables(pictures, tmp_path_factory) -> tuple[pd.DataFrame, pd.DataFrame]:
    stem = tmp_path_factory.mktemp("figures") / "near"
    draw("nearest_neighbours", {"shown": 4}, pictures, stem)
    assert stem.with_name("near.png").read_bytes().startswith(b"\x89PNG")
    return read_typed(stem.with_name("near.csv")), read_typed(stem.with_name("near_distances.csv"))


def test_medians_are_compared_with_those_of_test_images(tables):
    found = tables[0].set_index(["dataset", "family"])
    expected = {"data": (1.0, 1.0), "lebm": (0.5, 0.5), "vae": (0.0, 0.0), "flow": (0.0, 0.0)}
    for family, (median, ratio) in expected.items():
        row = found.loc[("digits", family)]
        assert row["median_distance"] == pytest.approx(median, abs=1e-6) and row["ratio"] == pytest.approx(
            ratio, abs=1e-6
        )
        assert row["median_of_test"] == pytest.approx(1.0, abs=1e-6)
    assert found.loc[("digits", "lebm"), ["run", "mark"]].tolist() == ["digits/lebm-ed-none/s1", "unconverged"]
    assert found.loc[("digits", "gebm_images"), "note"] == "2 diverged\nat steps 7–8"


def test_a_class_that_was_left_out_is_no_scale(tables):
    found = tables[0].set_index(["dataset", "family"])
    assert found.loc[("but4", "data"), "n"] == image_runs.TEST // 2
    assert found.loc[("but4", "vae"), "median_of_test"] == pytest.approx(1.0, abs=1e-6)


def test_every_draw_has_its_own_train_image(tables):
    rows = tables[1][(tables[1]["dataset"] == "digits") & (tables[1]["family"] == "vae")]
    start = image_runs.TRAIN - image_runs.DRAWS
    assert sorted(rows["nearest"]) == list(range(start, image_runs.TRAIN))
    assert rows["shown"].sum() == 4 and rows["shown"].iloc[:4].all()


def test_pairs_stand_one_above_the_other_with_their_distance(pictures, saved_figures, tmp_path):
    figures = saved_figures(module)
    draw("nearest_neighbours", {"shown": 4, "distribution": "model", "title": "Near"}, pictures, tmp_path / "near")
    axes = [one for one in figures[0].axes if one.axison]
    titles = [one.get_title(loc="left") for one in axes]
    assert titles[:3] == [
        "digits: test images, median distance 1.00",
        "lebm · ed: ratio of medians 0.25",
        "vae · elbo: ratio of medians 0.00",
    ]
    assert "2 diverged at steps 7–8" in axes[4].texts[0].get_text() and not axes[4].images
    assert [label.get_text() for label in axes[1].get_xticklabels()] == ["0.250"] * 4
    picture, side = axes[1].images[0].get_array(), 8
    above, below = picture[:side], picture[side + 1 :]
    # the pair differs by the first pixel alone
    assert (above[1:] == below[1:]).all() and (above[0, 1:8] == below[0, 1:8]).all()
    assert above[0, 0] == 32 and below[0, 0] == 0


def test_more_are_shown_than_there_are_and_blocks_do_not_change_a_distance(monkeypatch):
    train = image_runs.train_rows(3)
    images = image_runs.away(train, 7, 0.5)
    whole = neighbours.nearest(images, train, 9)
    monkeypatch.setattr(neighbours, "ROWS", 3)
    parts = neighbours.nearest(images, train, 9)
    assert torch.equal(whole.distance, parts.distance) and torch.equal(whole.place, parts.place)
    assert len(whole.neighbours) == 7 and whole.place.tolist() == list(range(33, 40))
    # a pixel beyond white is white
    assert neighbours.nearest(torch.full((1, 64), 5.0), torch.ones(2, 64), 1).median == 0


def test_a_figure_of_more_places_than_images_leaves_them_white(pictures, saved_figures, tmp_path):
    figures = saved_figures(module)
    draw("nearest_neighbours", {"shown": 30}, pictures, tmp_path / "near")
    axes = next(one for one in figures[0].axes if one.get_title(loc="left").startswith("vae"))
    picture, step = axes.images[0].get_array(), 9
    assert picture.shape == (2 * step - 1, 30 * step - 1)
    assert (picture[:, image_runs.DRAWS * step :] == 255).all()
    assert np.array_equal(picture[:8, : image_runs.DRAWS * step], picture[9:, : image_runs.DRAWS * step])
    assert mosaic(torch.ones(2, 64), 2).min() == 255


def test_an_unknown_distribution_is_one_line(pictures, tmp_path):
    with pytest.raises(
        UserError, match="figure nearest_neighbours: distribution = 'data'; allowed: model, sampler, base"
    ):
        draw("nearest_neighbours", {"distribution": "data"}, pictures, tmp_path / "near")
