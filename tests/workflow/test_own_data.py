"""Every command of docs/guide/own_data.md, in a fresh clone, and the lines and settings that the page shows."""

import re

import pandas as pd
import pytest

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from tests.data.own_images import pictures as images
from tests.data.own_images.pictures import folder_of, levels
from tests.data.own_table.tables import load, measured, written
from tests.helpers.guides import blocks, follow
from tests.helpers.paths import ROOT

PAGE = ROOT / "docs/guide/own_data.md"


@pytest.mark.slow
def test_a_newcomer_can_follow_it(tmp_path):
    assert len(blocks(PAGE.read_text())) == 5
    clone = tmp_path / "ebmbench"
    said = follow(PAGE, clone)
    for words in (
        "800 rows of 3 columns",
        "left out: site (drop)",
        "nats per row",
        "No committed run uses the same data",
        "vae · elbo",
        "fd_cnn",
    ):
        assert words in said, words
    samples = pd.read_csv(clone / "samples.csv")
    assert list(samples.columns) == ["height", "weight", "age"] and 160 < samples["height"].mean() < 180
    scores = pd.read_csv(clone / "results/given/samples/scores.csv").set_index("metric")["value"]
    # in other units than the table's it would be far above 1
    assert scores["energy_distance"].max() < 0.5


def test_the_quoted_line_is_the_one_that_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    written(tmp_path / "data/patients.csv", measured().assign(site="north"))
    (quoted,) = re.findall(r"`(data/patients\.csv: .*?)`", PAGE.read_text(), re.DOTALL)
    with pytest.raises(UserError) as error:
        load("data/patients.csv").check_source()
    assert str(error.value) == " ".join(quoted.split())


def named(heading):
    """The settings that a table of the page names."""
    table = PAGE.read_text().partition(heading)[2].partition("\n\n")[0]
    return set(re.findall(r"`(\w+):", table)) | set(re.findall(r"`(\w+_path)`", table))


def test_every_setting_of_the_page_is_one_of_the_plug_in_and_none_is_missing():
    assert named("| the file has | write |") | {"path"} == set(plugins.fields("dataset", "table"))
    of_images = {name for kind in ("image_folder", "image_archive") for name in plugins.fields("dataset", kind)}
    assert named("| the pictures have | write |") - {"kind"} == of_images


def test_the_quoted_line_on_pictures_is_the_one_that_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, side in (("cats", 8), ("dogs", 30)):
        folder_of(tmp_path / "data/pictures" / name, levels(20, side=side))
    (quoted,) = re.findall(r"`(data/pictures: .*?)`", PAGE.read_text(), re.DOTALL)
    with pytest.raises(UserError) as error:
        images.load("image_folder", "data/pictures").check_source()
    assert str(error.value) == " ".join(quoted.split())
