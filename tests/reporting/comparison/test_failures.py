"""Runs without a result, reported once each."""

import pandas as pd

from ebmbench.reporting.comparison.failures import failures, failures_page, metric_failures

HEAD = {"dataset": "moons", "family": "ebm", "stats": "none"}


def run(loss, seed, status="ok", likelihood="ok", samples="ok", steps=100):
    reasons = {f"{part}reason": f"{part or 'training.'} went wrong" for part in ("", "likelihood.", "samples.")}
    name = f"moons/ebm-{loss}-none/s{seed}"
    return (
        HEAD
        | reasons
        | {
            "loss": loss,
            "seed": seed,
            "run": name,
            "status": status,
            "train.steps": steps,
            "likelihood.status": likelihood,
            "samples.status": samples,
        }
    )


def test_each_failure_is_reported_with_its_step_and_a_diverged_run_once():
    table = pd.DataFrame(
        [
            run("ed", 0, "diverged", "diverged", "diverged", steps=209),
            run("ed", 1, "diverged", "diverged", "diverged", steps=94),
            run("cd", 0, likelihood="failed"),
            run("cd", 1, likelihood="failed", samples="failed"),
            run("sm", 0),
            run("none", 0, likelihood="skipped"),
        ]
    )
    found = failures(table)
    assert list(found["run"].str.removeprefix("moons/ebm-")) == [
        *("ed-none/s0", "ed-none/s1", "cd-none/s0", "cd-none/s1", "cd-none/s1")
    ]
    assert list(found["part"]) == ["training", "training", "likelihood", "likelihood", "samples"]
    shown = failures_page(found)
    ed = shown[shown["method"] == "ebm · ed"].iloc[0]
    assert (ed["failed"], ed["status"], ed["seeds"], ed["at step"]) == ("training", "diverged", "0, 1", "209, 94")
    assert len(shown) == 3


def test_no_failure_is_an_empty_table_with_its_columns():
    found = failures(pd.DataFrame([run("ed", 0)]))
    assert found.empty and "reason" in found.columns
    assert failures_page(found).empty


def test_metrics_that_failed_alone_are_reported_once_per_cell_and_distribution():
    names = ["fd_cnn", "recall_cnn", "kid_cnn", "mmd2"]
    few = {"status": "failed", "reason": "the draws are worth 186 independent ones"}
    scores = pd.DataFrame(
        [
            run("cd", seed) | {"metric": metric, "distribution": distribution} | outcome
            for seed in (1, 0)
            for metric in names
            for distribution, outcome in (("model", few), ("sampler", {}))
        ]
        + [run("ed", 0) | {"metric": "kl", "distribution": "model"} | {"status": "failed"}]
        + [run("sm", 0) | {"metric": "nll", "distribution": "model"} | {"status": "skipped"}]
    )
    ended = failures(pd.DataFrame([run("ed", 0, likelihood="failed"), run("cd", 0), run("cd", 1), run("sm", 0)]))
    (row,) = metric_failures(scores, ended).to_dict("records")
    assert row == {
        **{"dataset": "moons", "method": "ebm · cd", "distribution": "model", "seeds": "0, 1"},
        "metrics": "fd_cnn, recall_cnn, kid_cnn and 1 more",
        "reason of the first": few["reason"],
    }
    assert metric_failures(scores[scores["loss"] == "sm"], ended).empty
