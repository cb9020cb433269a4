"""A ladder of two rungs through the real Snakemake: budgets, shared searches, and what the rungs say together."""

import json

import pandas as pd
import pytest

from tests.helpers.project import SMALL, Project

pytestmark = pytest.mark.slow

CONFIG = SMALL | {
    "seeds": 1,
    "rungs": [1, 2],
    "train": {"evaluations": 6000, "checkpoints": 4},
    "families": {"ebm": SMALL["families"]["ebm"]},
    "losses": {"ed": {}, "dsm": {}},
    "exclude": [],
    "figures": {},
    "tuning": {
        "halving": [{"trials": 3}, {"trials": 2, "seeds": 2}],
        "spaces": [
            {"match": {"loss": ["ed", "dsm"]}, "space": {"train": {"learning_rate": {"low": 0.001, "high": 0.05}}}}
        ],
    },
}
CELLS = 4


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("ladder") / "project", CONFIG)
    code, text = project.run("ladder")
    assert code == 1 and "make ladder" in text and "Traceback" not in text
    code, text = project.run("--config", "rung=1")
    assert code == 0, text
    planned = project.planned()
    code, text = project.run("all", "ladder")
    assert code == 0, text
    return project, planned


def tables(project, name):
    return {rung: pd.read_csv(project.folder / f"results/x{rung}/tables/{name}.csv") for rung in (1, 2)}


def test_the_second_rung_runs_its_own_stage_of_the_search_only(done):
    project, planned = done
    assert planned["tune"] == CELLS and planned["score"] == CELLS
    # the rows of the search are there, those of the rung's own runs are not
    assert planned["dataset"] == 2 and "search_dataset" not in planned
    assert project.planned() == {} and project.planned("ladder") == {}


def test_runs_have_the_budget_of_their_rung_and_the_settings_of_its_choice(done):
    project, _ = done
    for rung, runs in tables(project, "runs").items():
        spent = runs["train.energy_evaluations"] + runs["train.gradient_evaluations"]
        assert ((spent <= 6000 * rung) & (spent > 6000 * rung - 2000)).all()
        for dataset in ("moons", "ring8_unequal"):
            run = json.loads(
                (project.folder / f"results/x{rung}/runs/{dataset}/ebm-ed-none/seeds0-0/run.json").read_text()
            )
            stage = project.folder / f"results/search/runs/{dataset}/ebm-ed-none/tuning/x{rung}"
            chosen = json.loads((stage / "chosen.json").read_text())["settings"]
            assert run["settings"]["train"]["evaluations"] == 6000 * rung
            assert run["settings"]["train"]["learning_rate"] == chosen.get("train", {}).get("learning_rate", 0.002)


def test_each_stage_runs_the_best_of_the_one_before(done):
    project, _ = done
    trials = tables(project, "tuning")
    assert set(trials[1]["rung"]) == {1} and set(trials[2]["rung"]) == {1, 2}
    for _, of in trials[2].groupby(["dataset", "loss"]):
        first, second = (of[of["rung"] == rung] for rung in (1, 2))
        assert sorted(set(second["trial"])) == sorted(first.nsmallest(2, "val_nll")["trial"])
        assert list(second["seed"]) == [1000, 1001] * 2
        best = second.groupby("trial")["val_nll"].mean().idxmin()
        assert set(second["trial"][second["chosen"]]) == {best}


def test_the_rungs_together_have_ranks_and_costs(done):
    project, _ = done
    found = pd.read_csv(project.folder / "results/ladder.csv").set_index(["rung", "loss"])
    assert len(found) == 4 and (found["datasets"] == 2).all()
    assert (found.loc[2, "evaluations"] > 1.5 * found.loc[1, "evaluations"]).all()
    assert "rank x2" in (project.folder / "results/ladder.md").read_text()
    assert "cells with a known density had converged" in (project.folder / "results/x2/tables/README.md").read_text()


def test_finished_searches_are_taken_and_what_has_other_settings_is_searched(done, tmp_path):
    """Last of the module's tests: it changes the project."""
    project, _ = done
    tuned = project.folder / "results/x2/tables/tuning.csv"
    kept = pd.read_csv(tuned)
    kept[(kept["loss"] == "ed") | (kept["rung"] == 1)].to_csv(tmp_path / "some.csv", index=False)
    other = Project(tmp_path / "other", CONFIG | {"search": [str(tmp_path / "some.csv")]})
    code, text = other.run("results/x2/tables/tuning.csv")
    assert code == 0, text
    found = pd.read_csv(other.folder / "results/x2/tables/tuning.csv")
    timed = ["seconds"]
    pd.testing.assert_frame_equal(found.drop(columns=timed), kept.drop(columns=timed))
    # what was taken has the seconds of the machine that searched
    pd.testing.assert_series_equal(found["seconds"][found["loss"] == "ed"], kept["seconds"][kept["loss"] == "ed"])
    assert (found["seconds"] != kept["seconds"])[(found["loss"] == "dsm") & (found["rung"] == 2)].any()
    changed = {**CONFIG, "search": str(tmp_path / "some.csv"), "train": {"evaluations": 6001, "checkpoints": 4}}
    fresh = Project(tmp_path / "fresh", changed)
    text = fresh.run("--dry-run", "results/x2/tables/tuning.csv")[1]
    assert "search_dataset" in text
