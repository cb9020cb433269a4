"""Every command of docs/guide/own_data.md, in a fresh clone, and the lines and settings that the page shows."""

import re

import pandas as pd
import pytest

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from tests.data.own_table.tables import load, measured, written
from tests.helpers.guides import blocks, follow
from tests.helpers.paths import ROOT

PAGE = ROOT / "docs/guide/own_data.md"


@pytest.mark.slow
def test_a_newcomer_can_follow_it(tmp_path):
    assert len(blocks(PAGE.read_text())) == 4
    clone = tmp_path / "ebmbench"
    said = follow(PAGE, clone)
    for words in (
        "800 rows of 3 columns",
        "left out: site (drop)",
        "nats per row",
        "No committed run uses the same data",
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


def test_every_setting_of_the_page_is_one_of_the_plug_in():
    table = PAGE.read_text().partition("| the file has | write |")[2]
    named = set(re.findall(r"`(\w+):", table)) | set(re.findall(r"`(\w+_path)`", table))
    # and none is missing on the page
    assert named | {"path"} == set(plugins.fields("dataset", "table"))
