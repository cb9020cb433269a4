"""What reaching a KL costs, on curves made by hand."""

import math

import pandas as pd
import pytest

from ebmbench.reporting.comparison.time_to_kl import KLTarget, costs, time_to_kl_page

TARGET = {"moons": KLTarget(0.1, ("ebm", "slow", "none"))}


def curve(loss, seed, kls, seconds_a_step, dataset="moons"):
    head = {"dataset": dataset, "family": "ebm", "loss": loss, "stats": "none", "seed": seed}
    return [
        head
        | {"step": 10 * k, "kl": kl, "seconds": 10 * k * seconds_a_step}
        | {"energy_evaluations": 100 * k, "gradient_evaluations": 20 * k}
        for k, kl in enumerate(kls, start=1)
    ]


def found(*curves, status="ok"):
    rows = pd.DataFrame([row for part in curves for row in part])
    keys = rows[["dataset", "family", "loss", "stats", "seed"]].drop_duplicates()
    runs = [f"{k.dataset}/{k.family}-{k.loss}-{k.stats}/s{k.seed}" for k in keys.itertuples()]
    return costs(rows, pd.DataFrame({"run": runs, "status": status}), TARGET)


def test_the_first_checkpoint_at_the_target_counts_and_the_ratio_is_of_the_same_seed():
    table = found(
        curve("slow", 0, [1.0, 0.5, 0.1], 2.0),
        curve("slow", 1, [1.0, 0.05, 0.04], 2.0),
        curve("fast", 0, [0.2, 0.09, 0.3], 0.1),
        curve("fast", 1, [0.2, 0.11, 0.1], 0.1),
    ).set_index(["loss", "seed"])
    assert table.loc[("slow", 0), "seconds"] == 60 and table.loc[("slow", 0), "ratio"] == 1
    assert table.loc[("slow", 1), ["step", "evaluations"]].tolist() == [20, 240]
    assert table.loc[("fast", 0), "ratio"] == pytest.approx(60 / 2)
    assert table.loc[("fast", 1), "ratio"] == pytest.approx(40 / 3)
    shown = time_to_kl_page(table.reset_index())
    assert list(shown["method"]) == ["ebm · fast", "ebm · slow"]
    assert shown["reached"].tolist() == ["2 of 2", "2 of 2"]
    assert shown["least ratio"].tolist() == ["13.3", "1"]


def test_a_run_that_never_gets_there_has_no_ratio_and_a_reference_that_does_not_counts_whole():
    table = found(curve("slow", 0, [1.0, 0.5, 0.2], 2.0), curve("fast", 0, [0.2, 0.1], 1.0), curve("bad", 0, [2.0], 1))
    ratios = dict(zip(table["loss"], table["ratio"], strict=True))
    assert ratios["fast"] == 60 / 20
    assert math.isnan(ratios["slow"]) and math.isnan(ratios["bad"])
    assert not table.set_index("loss").loc["slow", "reached"]


def test_a_diverged_run_did_not_get_there_and_other_data_sets_are_left_out():
    assert not found(curve("fast", 0, [0.01], 1.0), status="diverged")["reached"].any()
    assert found(curve("fast", 0, [0.01], 1.0, dataset="rings")).empty
