"""Distances on a metric's scale and performance profiles, counted by hand."""

import math

import numpy as np
import pytest

from ebmbench.reporting.comparison.columns import Column
from ebmbench.reporting.comparison.distance import distances, scale_of
from ebmbench.reporting.comparison.performance_profile import profile
from ebmbench.reporting.comparison.rank_blocks import blocks
from tests.helpers.rankable import scores

#: KL of two methods on four data sets; b fails on the last
KL = {"a": [1.0, 2.0, 8.0, 3.0], "b": [2.0, 1.0, 1.0, None]}


def of(values, metric="kl", split="exact"):
    table = scores(
        {(f"set{i}", loss): value for loss, row in values.items() for i, value in enumerate(row)},
        metric=metric,
        split=split,
    )
    return blocks(table, Column(metric, split, "model"))[0]


def steps(table, loss):
    rows = table[table["loss"] == loss]
    return dict(zip(rows["distance"].round(9), rows["fraction"], strict=True))


def test_profiles_of_ratios_by_hand():
    found = profile(of(KL))
    two, eight = round(math.log(2), 9), round(math.log(8), 9)
    assert steps(found, "a") == {0.0: 0.5, two: 0.75, eight: 1.0}
    assert steps(found, "b") == {0.0: 0.5, two: 0.75}
    assert set(found["unit"]) == {"log ratio"} and set(found["datasets"]) == {4}


def test_a_failure_stays_in_the_denominator():
    """Without the data set on which it failed, b would be within a factor of 2 everywhere."""
    found = profile(of(KL))
    assert found[found["loss"] == "b"]["fraction"].max() == 0.75
    without = {loss: row[:3] for loss, row in KL.items()}
    assert profile(of(without)).query("loss == 'b'")["fraction"].max() == 1.0


def test_nats_are_differences_not_ratios():
    found = profile(of({"a": [-3.0, 12.0], "b": [-1.0, 11.5]}, "nll", "test"))
    assert steps(found, "a") == {0.0: 0.5, 0.5: 1.0}
    assert steps(found, "b") == {0.0: 0.5, 2.0: 1.0}


def test_a_data_set_on_which_all_fail_has_no_best():
    found = distances(of({"a": [1.0, None], "b": [2.0, None]}).values, "kl")
    assert found.to_numpy().tolist() == [[0.0, math.log(2)], [math.inf, math.inf]]


def test_more_is_better_where_the_registry_says_so():
    block = of({"a": [0.9, 0.4], "b": [0.7, None]}, "precision_cnn", "test")
    found = distances(block.values, "precision_cnn").to_numpy()
    assert found[:, 0].tolist() == [0.0, 0.0]
    assert found[0, 1] == pytest.approx(0.2) and found[1, 1] == math.inf


def test_scales_are_those_of_the_metrics():
    assert scale_of("kl") == scale_of("fd_cnn") == scale_of("sliced_wasserstein")
    assert scale_of("kl").ratio and np.exp(scale_of("kl").margin) == pytest.approx(1.25)
    assert (scale_of("nll").unit, scale_of("nll").ratio) == ("nats", False)
    assert [scale_of(name).margin_text for name in ("kl", "nll", "mmd2")] == ["a factor of 1.25", "0.05 nats", "0"]
