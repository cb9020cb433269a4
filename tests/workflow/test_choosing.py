"""Every command of docs/guide/choosing.md, in a fresh clone: from a csv file to a recommendation and samples."""

import re

import pandas as pd
import pytest
from sklearn.datasets import load_diabetes

from tests.helpers.guides import blocks, follow
from tests.helpers.paths import ROOT

PAGE = ROOT / "docs/guide/choosing.md"


@pytest.mark.slow
def test_two_commands_lead_from_a_file_to_a_recommendation_and_samples(tmp_path):
    assert len(blocks(PAGE.read_text())) == 2
    said = follow(PAGE, tmp_path / "ebmbench")
    assert "first run: " in said and "of the time left" in said
    page = (tmp_path / "ebmbench/results/choose/diabetes/recommendation.md").read_text()
    scores = dict(re.findall(r"^\| ([\w ·]+?) +\| \**(-?[\d.]+)", page, re.MULTILINE))
    recommended = re.search(r"\*\*([\w ·]+)\*\*", page)[1]
    best = min(float(value) for name, value in scores.items() if name != "oracle")
    assert len(scores) >= 10 and float(scores[recommended]) - best < 0.5
    table, samples = load_diabetes(as_frame=True, scaled=False).frame, pd.read_csv(tmp_path / "ebmbench/samples.csv")
    assert list(samples.columns) == list(table.columns) and len(samples) == 1000
    apart = (samples.mean() - table.mean()).abs() / table.std()
    assert apart.max() < 0.5
