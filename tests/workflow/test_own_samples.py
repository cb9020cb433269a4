"""Every command of docs/guide/own_samples.md, in a fresh clone: from the rows of a data set to the place of a model."""

import numpy as np
import pandas as pd

from tests.helpers.guides import blocks, follow
from tests.helpers.paths import ROOT
from tests.helpers.reference_tables import TOP, of, read

PAGE = ROOT / "docs/guide/own_samples.md"


def test_a_gaussian_of_ones_own_is_where_the_committed_one_is(tmp_path):
    assert len(blocks(PAGE.read_text())) == 1
    said = follow(PAGE, tmp_path / "ebmbench")
    assert f"# moons, {TOP}" in said and "trained methods" in said
    found, committed = (
        nll_of(pd.read_csv(tmp_path / "ebmbench/results/given/mine/scores.csv"), "given"),
        nll_of(read("reference/beyond_two_dimensions_x4/scores.csv"), "gaussian"),
    )
    np.testing.assert_allclose(found, committed, rtol=1e-4)


def nll_of(scores, family):
    """The held-out likelihood of a family on the moons, at seed 0."""
    rows = of(scores, dataset="moons", family=family, seed=0, metric="nll", split="test", distribution="model")
    return rows["value"].to_numpy(float)
