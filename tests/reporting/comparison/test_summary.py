"""Means over seeds with Student's interval; failed runs are counted and never averaged."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ebmbench.core.errors import UserError
from ebmbench.reporting.comparison.intervals import interval
from tests.helpers.score_rows import rows_of, sampler_rows, summary_of

#: the 97.5 % point of Student's t with 2 degrees of freedom, (2 p - 1) sqrt(2 / (4 p (1 - p))), p = 0.975
T2 = 0.95 * math.sqrt(2 / (4 * 0.975 * 0.025))


def test_interval_is_students_closed_form():
    of = interval(pd.Series([1.0, 2.0, 6.0]))
    assert of.mean == pytest.approx(3.0)
    assert of.sd == pytest.approx(math.sqrt((4 + 1 + 9) / 2))
    assert of.stderr == pytest.approx(math.sqrt(7 / 3))
    assert of.half == pytest.approx(T2 * math.sqrt(7 / 3), rel=1e-9)
    normal, biased = 1.959964 * math.sqrt(7 / 3), T2 * math.sqrt(14 / 3 / 3)
    assert of.half != pytest.approx(normal, rel=0.1) and of.half != pytest.approx(biased, rel=0.1)


def test_summary_by_hand():
    row = summary_of(rows_of("ebm-ed-none", "nll", "test", [1.0, 2.0, 6.0], stderr=0.5)).iloc[0]
    assert row["mean"] == 3.0
    assert row["ci_low"] == pytest.approx(3 - T2 * math.sqrt(7 / 3))
    assert row["ci_high"] == pytest.approx(3 + T2 * math.sqrt(7 / 3))
    assert (row["seeds"], row["failed"], row["failures"]) == (3, 0, "")
    assert (row["unit"], row["direction"]) == ("nats", "lower")


def test_monte_carlo_error_is_a_root_mean_square():
    rows = rows_of("ebm-ed-none", "nll", "test", [1.0, 1.0])
    rows[0]["stderr"], rows[1]["stderr"] = 0.3, 0.4
    found = summary_of(rows)["mc_stderr"][0]
    assert found == pytest.approx(math.sqrt((0.09 + 0.16) / 2))
    assert found != pytest.approx(0.35, rel=1e-3)


def test_a_diverged_seed_is_counted_and_never_averaged():
    whole = summary_of(rows_of("ebm-ed-none", "nll", "test", [1.0, 3.0]))
    rows = rows_of("ebm-ed-none", "nll", "test", [1.0, 3.0, "diverged", "timeout", "diverged"])
    rows[2]["value"] = 100.0
    part = summary_of(rows)
    same = ["mean", "sd", "seeds", "ci_low", "ci_high", "stderr", "mc_stderr"]
    pd.testing.assert_frame_equal(part[same], whole[same])
    assert (part["failed"][0], part["failures"][0]) == (3, "2 diverged, 1 timeout")


def test_one_seed_has_no_interval_and_none_has_no_mean():
    one = summary_of(rows_of("ebm-ed-none", "nll", "test", [2.0, "failed"])).iloc[0]
    assert one["mean"] == 2.0
    assert one[["sd", "ci_low", "ci_high", "stderr"]].isna().all()
    none = summary_of(rows_of("ebm-ed-none", "nll", "test", ["failed"])).iloc[0]
    assert none["seeds"] == 0 and none[["mean", "ci_low", "mc_stderr"]].isna().all()


def test_the_two_distributions_are_never_in_one_mean():
    model = rows_of("ebm-ed-none", "energy_distance", "test", [1.0, 2.0])
    summary = summary_of(model, sampler_rows("ebm-ed-none", [5.0, 6.0], [None, None])).set_index("distribution")
    assert summary.loc["model", "mean"] == 1.5 and summary.loc["sampler", "mean"] == 5.5  # pooled 3.5
    assert list(summary["seeds"]) == [2, 2]


def test_marks_count_the_runs_in_the_mean_and_take_none_out():
    marks = ["unconverged", None, "optimiser", "unconverged", "unconverged"]
    row = summary_of(sampler_rows("ebm-ed-none", [1.0, 2.0, 3.0, "failed", 6.0], marks, beta=0.5)).iloc[0]
    assert (row["mean"], row["seeds"], row["failed"]) == (3.0, 4, 1)
    assert row["marks"] == "1 optimiser, 2 unconverged"  # with the failed run 3
    assert row["beta"] == "0.5"


def test_an_unknown_metric_is_refused():
    with pytest.raises(UserError, match="speed"):
        summary_of(rows_of("ebm-ed-none", "speed", "test", [1.0]))
