"""The page of searches: choices, scores as configured and spreads of seeds, counted by hand."""

import math

import pandas as pd
import pytest

from ebmbench.workflow.stages.tuning_table import chosen

NAMES = [
    "dataset",
    "family",
    "loss",
    "stats",
    "trial",
    "rung",
    "seed",
    "settings",
    "status",
    "val_nll",
    "stderr",
    "chosen",
]


def trials(*rows):
    head = ("moons", "ebm", "ed", "none")
    return pd.DataFrame([(*head, *row) for row in rows], columns=NAMES)


T = '{"loss": {"t": 0.5}}'
FIRST = (
    (0, 1, 1000, "{}", "ok", 3.0, 0.3, False),
    (1, 1, 1000, T, "ok", 2.0, 0.4, True),
    (2, 1, 1000, '{"loss": {"t": 9.0}}', "diverged", math.nan, math.nan, False),
)
SECOND = (
    (1, 4, 1000, T, "ok", 1.0, 0.3, True),
    (1, 4, 1001, T, "ok", 2.0, 0.4, True),
)


def test_one_stage_of_one_seed_has_no_columns_of_rungs():
    (row,) = chosen(trials(*FIRST)).to_dict("records")
    assert row == {
        **{"dataset": "moons", "method": "ebm · ed", "trials": 3, "without a score": "1 diverged"},
        **{"score as configured": "3.00 ± 0.30", "score, chosen": "2.00 ± 0.40", "worst": "3"},
        "chosen settings": "t = 0.5",
    }


def test_a_rung_is_a_row_with_the_mean_over_its_seeds_and_their_spread():
    first, second = chosen(trials(*FIRST, *SECOND)).to_dict("records")
    assert (first["rung"], first["spread"], first["trials"]) == ("x1", "", 3)
    assert (second["rung"], second["trials"], second["score as configured"]) == ("x4", 1, "—")
    # the mean of 1 and 2, with the error sqrt(.3^2 + .4^2) / 2, and the standard deviation of the two
    assert second["score, chosen"] == "1.50 ± 0.25" and float(second["spread"]) == pytest.approx(0.71)


def test_a_trial_that_failed_on_a_seed_has_no_score_and_no_choice_is_as_configured():
    failed = [(*row[:4], "failed", math.nan, math.nan, False) for row in SECOND[:1]] + [(*SECOND[1][:7], False)]
    (row,) = chosen(trials(*failed)).to_dict("records")
    assert (row["score, chosen"], row["worst"], row["chosen settings"]) == ("—", "", "as configured")
    assert row["without a score"] == "1 failed"
