"""The committed searches: each later stage of the ladder's has the best trials of the one before, on three seeds."""

import json

import pandas as pd
import pytest
import yaml

from ebmbench.core.cells import AXES
from tests.helpers.paths import ROOT

REFERENCE = ROOT / "results/reference"

CELL = list(AXES)


@pytest.fixture(scope="module")
def stages():
    tables = [pd.read_csv(path) for path in sorted(REFERENCE.glob("searches_x*/energy_discrepancy.csv"))]
    return pd.concat(tables).groupby([*CELL, "rung"])


def test_every_search_has_the_trials_and_seeds_of_its_stage(stages):
    for (*_, rung), rows in stages:
        assert rows["settings_digest"].nunique() == 1
        assert not rows.duplicated(["trial", "seed"]).any()
        assert rows["trial"].nunique() == (20 if rung == 1 else 4)
        assert rows["seed"].nunique() == (1 if rung == 1 else 3)


def test_the_four_best_trials_have_four_times_the_budget(stages):
    found = 0
    for (*cell, rung), rows in stages:
        if rung == 1:
            continue
        before = stages.get_group((*cell, 1)).sort_values("val_nll", kind="stable")
        assert set(rows["trial"]) == set(before["trial"][before["status"] == "ok"].head(4))
        found += 1
    # ten losses on nine sets
    assert found == 90


def test_a_choice_has_the_lowest_mean_score_of_its_stage(stages):
    """Without a trial that has a score on every seed, none is chosen: that of score matching on the checkerboard."""
    without = []
    for (*cell, rung), rows in stages:
        means = rows[rows["status"] == "ok"].groupby("trial")["val_nll"].agg(["mean", "size"])
        whole = means[means["size"] == rows["seed"].nunique()]
        chosen = set(rows.loc[rows["chosen"], "trial"])
        if whole.empty:
            without.append((*cell, rung))
        assert chosen == ({whole["mean"].idxmin()} if len(whole) else set())
    assert without == [("checkerboard", "ebm", "sm", "none", 4)]


@pytest.fixture(scope="module")
def default_grid():
    return yaml.safe_load((ROOT / "config/config.yaml").read_text())["overrides"]


@pytest.mark.parametrize("loss", ["ed", "dsm"])
def test_the_default_grids_energies_on_the_mixture_have_the_best_of_twelve_settings(default_grid, loss):
    match = {"dataset": "gaussian_mixture", "family": "ebm", "loss": loss}
    (configured,) = (entry["set"] for entry in default_grid if entry["match"] == match)
    trials = pd.read_csv(REFERENCE / "mixture_search/tuning.csv").query("loss == @loss")
    assert len(trials) == 12 and (trials["status"] == "ok").all()
    assert configured == json.loads(trials.loc[trials["val_nll"].idxmin(), "settings"])


def test_the_default_grid_has_the_settings_that_its_budget_chose(stages, default_grid):
    (plane,) = (entry for entry in default_grid if "evaluations" in entry["set"].get("train", {}))
    ladder = yaml.safe_load((ROOT / "config/papers/energy_discrepancy.yaml").read_text())
    assert plane["set"]["train"]["evaluations"] == 4 * ladder["train"]["evaluations"]
    assert plane["set"]["family"] == ladder["families"]["ebm"]
    found = {}
    for entry in default_grid:
        match = entry["match"]
        if match.get("dataset") in plane["match"]["dataset"] and match.get("family") == "ebm":
            found[match["dataset"], match["loss"]] = entry["set"]
    assert set(found) == {(name, loss) for name in plane["match"]["dataset"] for loss in ("ml", "ed", "dsm", "cd")}
    for (dataset, loss), settings in found.items():
        rows = stages.get_group((dataset, "ebm", loss, "none", 4))
        assert settings == json.loads(rows.loc[rows["chosen"], "settings"].iloc[0])
