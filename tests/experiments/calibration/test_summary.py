"""The arithmetic of coverage."""

import math

import pandas as pd
import pytest

from ebmbench.experiments.calibration.summary import summarise


def rows(errors, stderrs, statuses, method="AIS"):
    table = {"error": errors, "stderr": stderrs, "status": statuses}
    fixed = {"target": "t", "method": method, "budget": 10, "truth": 0.0, "lower": math.nan, "upper": math.nan}
    effort = {"ess_fraction": 0.5, "cpu_seconds": 1.0, "energy_evaluations": 10, "gradient_evaluations": 10}
    return pd.DataFrame(table).assign(repetition=range(len(errors)), **fixed, **effort)


def test_repetitions_that_failed_are_counted_and_left_out():
    found = summarise(rows([0.1, -0.3, 0.2, 0.1, 9.0], [0.1, 0.1, 0.1, 0.2, 0.1], ["ok"] * 4 + ["failed"])).iloc[0]
    assert (found["repetitions"], found["failed"]) == (5, 1)
    assert found["rmse"] == pytest.approx(math.sqrt((0.01 + 0.09 + 0.04 + 0.01) / 4))
    assert found["bias"] == pytest.approx(0.025)
    assert found["mean_stderr"] == pytest.approx(0.125)


def test_coverage_is_the_share_within_two_errors_and_its_edge_counts():
    stderrs = [0.1, 0.1, 0.1, 0.1]
    assert summarise(rows([0.0, 0.2, -0.2, 0.21], stderrs, ["ok"] * 4))["coverage"].iloc[0] == 0.75
    halved = [stderr / 2 for stderr in stderrs]
    assert summarise(rows([0.0, 0.2, -0.2, 0.21], halved, ["ok"] * 4))["coverage"].iloc[0] == 0.25


def test_rmse_has_the_delta_methods_error():
    found = summarise(rows([1.0, 2.0], [1.0, 1.0], ["ok", "ok"])).iloc[0]
    assert found["rmse_stderr"] == pytest.approx((3 / math.sqrt(2)) / (2 * math.sqrt(2.5) * math.sqrt(2)))


def test_without_a_repetition_that_is_ok_there_is_no_number():
    found = summarise(rows([0.1, 0.2], [0.1, 0.1], ["failed", "failed"])).iloc[0]
    assert found["failed"] == 2
    assert found[["rmse", "coverage", "mean_stderr", "energy_evaluations"]].isna().all()


def test_bounds_bracket_where_both_hold():
    table = rows([math.nan] * 4, [math.nan] * 4, ["ok"] * 4, "bounds")
    table["lower"], table["upper"] = [-1.0, 0.1, -2.0, -3.0], [1.0, 1.0, -1.0, 0.0]
    found = summarise(table).iloc[0]
    assert found["bracketed"] == 0.5
    assert found["median_gap"] == pytest.approx(1.5)
    assert math.isnan(found["coverage"])
