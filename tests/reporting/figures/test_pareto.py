"""Quality against cost: who is beaten in both, which costs and qualities are drawn."""

import shutil

import pandas as pd
import pytest

from ebmbench.core.errors import UserError
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.pareto import front, points
from ebmbench.workflow.stages.figures import draw


def rows(*values):
    return pd.DataFrame(values, columns=["seconds", "mean"]).assign(failed=0)


def test_the_front_is_of_those_that_no_other_beats_in_both():
    table = rows((3, 1.0), (1, 2.0), (2, 2.5), (4, 1.0), (5, 0.5), (0, 0.1))
    assert front(table, "seconds")[["seconds", "mean"]].to_numpy().tolist() == [[1, 2.0], [3, 1.0], [5, 0.5]]
    # by brute force, of all that have a cost
    paid = table[table["seconds"] > 0][["seconds", "mean"]]
    beaten = [((paid <= row).all(axis=1) & (paid < row).any(axis=1)).any() for _, row in paid.iterrows()]
    assert set(front(table, "seconds").index) == set(paid.index[[not each for each in beaten]])


def test_survivors_of_a_method_that_fails_are_in_no_front_and_beat_none():
    table = rows((1, 0.5), (2, 1.0), (3, 0.7))
    assert front(table, "seconds").index.tolist() == [0]
    table.loc[0, "failed"] = 2
    assert front(table, "seconds").index.tolist() == [1, 2]


def summary(**changed):
    row = {"dataset": "moons", "family": "ebm", "loss": "ed", "stats": "none", "metric": "kl", "split": "exact"}
    row |= {"distribution": "model", "mean": 0.5, "ci_low": 0.4, "ci_high": 0.6}
    return row | {"seeds": 2, "failed": 0, "failures": ""} | changed


def run(loss, seed, seconds, evaluations, status="ok"):
    row = {"dataset": "moons", "family": "ebm", "loss": loss, "stats": "none", "seed": seed, "status": status}
    return row | {
        "train.seconds": seconds,
        "train.energy_evaluations": evaluations,
        "train.gradient_evaluations": evaluations / 2,
    }


def test_costs_are_means_over_good_runs_and_the_divergence_goes_before_the_likelihood():
    reported = [summary(), summary(loss="cd", mean=0.7), summary(metric="nll", split="test", mean=2.0)]
    reported += [
        summary(distribution="sampler", mean=0.1),
        summary(loss="sm", seeds=0),
        summary(loss="none", mean=1e-9),
    ]
    runs = [run("ed", 0, 1.0, 10), run("ed", 1, 3.0, 30), run("ed", 2, 99.0, 99, "diverged"), run("cd", 0, 9.0, 5)]
    found = points(pd.DataFrame(reported), pd.DataFrame(runs)).set_index("loss")
    assert set(found.index) == {"ed", "cd"}
    assert found.loc["ed", ["seconds", "evaluations", "mean"]].tolist() == [2.0, 30.0, 0.5]
    assert found.loc["cd", ["front_seconds", "front_evaluations"]].tolist() == [False, True]
    only = points(pd.DataFrame(reported)[lambda table: table["metric"] == "nll"], pd.DataFrame(runs))
    assert only[["label", "mean"]].to_numpy().tolist() == [["test NLL (nats)", 2.0]]


def test_files_are_made(suite, tmp_path):
    draw("pareto", {}, Inputs(suite.run_dirs, suite.data_files, suite.tables), tmp_path / "figure")
    assert {path.suffix for path in tmp_path.iterdir()} == {".pdf", ".png", ".csv"}
    drawn = pd.read_csv(tmp_path / "figure.csv")
    assert set(drawn["label"]) == {"KL(data || model) (nats)"}
    assert not set(drawn["loss"]) & {"none"}


def test_a_grid_without_a_likelihood_is_reported(suite, tmp_path):
    shutil.copytree(suite.tables, tmp_path / "tables")
    table = pd.read_csv(tmp_path / "tables" / "summary.csv")
    table[~table["metric"].isin(["kl", "nll"])].to_csv(tmp_path / "tables" / "summary.csv", index=False)
    with pytest.raises(UserError, match="no cell has a KL divergence or a likelihood"):
        draw("pareto", {}, Inputs(suite.run_dirs, suite.data_files, tmp_path / "tables"), tmp_path / "figure")
    assert not list(tmp_path.glob("figure*"))


def test_settings_that_there_are_not_are_refused():
    with pytest.raises(UserError, match="'colour' is unknown"):
        draw("pareto", {"colour": 1}, None, None)
