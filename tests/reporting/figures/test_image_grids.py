"""Squares of images from hand-made runs: which data sets, which draws, how they are distinguished."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.reporting.figures import image_grids as module
from ebmbench.reporting.figures.pictures import WHITE, chosen, mosaic
from ebmbench.workflow.stages.figures import draw
from tests.helpers import image_runs


@pytest.fixture
def table(pictures, tmp_path):
    def of(**settings):
        draw("image_grids", {"side": 3, **settings}, pictures, tmp_path / "grids")
        assert (tmp_path / "grids.pdf").read_bytes().startswith(b"%PDF")
        return read_typed(tmp_path / "grids.csv")

    return of


@pytest.fixture
def axes_of(pictures, saved_figures, tmp_path):
    """The panels of a figure that are in use."""

    def of(**settings):
        figures = saved_figures(module)
        draw("image_grids", {"side": 3, **settings}, pictures, tmp_path / "grids")
        return [axes for axes in figures[0].axes if axes.axison]

    return of


def test_sets_of_images_alone_each_with_its_own_methods(table):
    found = table()
    assert list(zip(found["dataset"], found["family"], strict=True)) == [
        *(("digits", name) for name in ("data", "lebm", "vae", "flow", "gebm_images")),
        *(("but4", name) for name in ("data", "vae", "lebm")),
    ]
    assert set(found[found["family"] != "data"]["distribution"]) == {"sampler"}


def test_draws_are_of_the_first_seed_that_has_them_and_say_how_they_were_made(table):
    found = table().drop_duplicates("family").set_index("family")
    assert found.loc["lebm", ["run", "sampler", "mark", "n"]].tolist() == [
        "digits/lebm-ed-none/s1",
        "ula",
        "unconverged",
        9,
    ]
    assert found.loc["vae", ["run", "sampler", "n"]].tolist() == ["digits/vae-elbo-none/s0", "exact", 9]
    assert found.loc["gebm_images", "note"] == "2 diverged\nat steps 7–8" and found.loc["gebm_images", "n"] == 0
    assert pd.isna(found.loc["gebm_images", "run"])


def test_every_distribution_can_be_shown_and_exact_draws_are_of_both(table, axes_of):
    assert table(distribution="model").drop_duplicates("family").set_index("family").loc["lebm", "sampler"] == "SMC"
    of_base = table(distribution="base").drop_duplicates("family").set_index("family")
    assert of_base.loc["lebm", "n"] == 9 and of_base.loc["vae", "note"] == "2 without base"
    first, second = (
        axes_of(distribution=distribution)[2].images[0].get_array() for distribution in ("model", "sampler")
    )
    assert np.array_equal(first, second)
    assert not np.array_equal(
        *(axes_of(distribution=distribution)[1].images[0].get_array() for distribution in ("model", "sampler"))
    )


def test_a_panel_holds_the_chosen_draws_and_a_lost_run_its_words(axes_of):
    axes = axes_of(title="Digits")
    assert [one.get_title() for one in axes] == [
        *("test images", "lebm\ned", "vae\nelbo", "flow\nml", "gebm_images\nkale_f"),
        *("test images", "vae\nelbo", "lebm\ncd"),
    ]
    draws = image_runs.away(image_runs.train_rows(1), image_runs.DRAWS, image_runs.DRAW_AWAY)
    expected = mosaic(draws[chosen(len(draws), 9, "image_grids", "digits")], 3)
    assert np.array_equal(axes[1].images[0].get_array(), expected)
    assert axes[1].get_xlabel() == "ula, 60 steps, unconverged" and axes[2].get_xlabel() == "exact"
    assert not axes[4].images and axes[4].texts[0].get_text().startswith("2 diverged")
    assert axes[0].get_ylabel() == "digits" and axes[5].get_ylabel() == "but4"
    assert axes[0].figure.get_suptitle() == "Digits"


def test_test_images_are_none_of_a_class_that_was_left_out(axes_of):
    # an image of that class is white, and so is the one place of sixteen that is left over
    assert axes_of(side=6)[1].images[0].get_array().shape == (6 * 9 - 1,) * 2  # of 24 draws
    picture = axes_of(side=4)[5].images[0].get_array()
    squares = [picture[9 * i : 9 * i + 8, 9 * j : 9 * j + 8] for i in range(4) for j in range(4)]
    assert sum(bool((square < WHITE).any()) for square in squares) == image_runs.TEST // 2


def test_many_methods_take_more_lines(axes_of, monkeypatch):
    monkeypatch.setattr(module, "ACROSS", 2)
    axes = axes_of()
    assert len(axes) == 8 and len(axes[0].figure.axes) == 2 * (3 + 2)
    assert [one.get_ylabel() for one in axes if one.get_ylabel()] == ["digits", "but4"]


def test_a_mosaic_keeps_places_and_colours():
    rows = torch.linspace(-1, 1, 5)[:, None].expand(5, 3 * 24**2).clone()
    rows[1, 24**2 :] = -1.0
    found = mosaic(rows, 3)
    assert found.shape == (2 * 24 + 2, 3 * 24 + 2 * 2, 3)
    assert (found[:24, 24:26] == WHITE).all() and (found[26:, 52:] == WHITE).all()
    assert (found[:24, 26:50] == (64, 0, 0)).all() and (found[:24, 52:] == 128).all()
    assert mosaic(torch.zeros(1, 64), 1).shape == (8, 8)
    assert mosaic(torch.zeros(1, 64), 2, down=3).shape == (26, 17)


def test_wrong_settings_are_one_line(pictures, tmp_path):
    with pytest.raises(UserError, match="figure image_grids: distribution = 'prior'; allowed: model, sampler, base"):
        draw("image_grids", {"distribution": "prior"}, pictures, tmp_path / "grids")
    with pytest.raises(UserError, match="side = 0; allowed: 1 or more"):
        draw("image_grids", {"side": 0}, pictures, tmp_path / "grids")
    tables = pictures._replace(data_files=pictures.data_files[:1])
    with pytest.raises(UserError, match="it shows no image data set"):
        draw("image_grids", {}, tables, tmp_path / "grids")
