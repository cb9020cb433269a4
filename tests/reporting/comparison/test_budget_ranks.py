"""Ranks against the budget, counted by hand."""

import pandas as pd
import pytest

from ebmbench.reporting.comparison.budget_ranks import COLUMNS, budget_ranks
from ebmbench.reporting.comparison.rank_blocks import KL, blocks
from tests.helpers.rankable import scores


def curves(courses, seeds=(0, 1, 2)):
    """Rows of {(data set, loss): {evaluations: KL}}, half of the evaluations gradients."""
    rows = [
        (dataset, "ebm", loss, "none", seed, step, cost / 2, cost / 2, kl)
        for (dataset, loss), course in courses.items()
        for seed in seeds
        for step, (cost, kl) in enumerate(course.items())
    ]
    names = ["dataset", "family", "loss", "stats", "seed", "step", "energy_evaluations", "gradient_evaluations", "kl"]
    return pd.DataFrame(rows, columns=names)


#: a is fast and stops early, b is slow and ends better; the budgets are 800 and 80
COURSES = {
    ("x", "a"): {100: 2.0, 400: 1.0},
    ("x", "b"): {200: 5.0, 400: 3.0, 800: 0.5},
    ("y", "a"): {10: 2.0, 40: 1.0},
    ("y", "b"): {20: 5.0, 40: 3.0, 80: 0.5},
}


def ended(**failed):
    values = {key: list(course.values())[-1] for key, course in COURSES.items()}
    return scores({key: failed.get(key[1], value) for key, value in values.items()})


def ranks(table, loss):
    rows = table[table["loss"] == loss]
    return dict(zip(rows["budget_fraction"], rows["mean_rank"], strict=True))


def found(courses, table):
    return budget_ranks(curves(courses), table, blocks(table, KL)[0])


def test_ranks_are_by_the_last_checkpoint_within_the_fraction():
    table = found(COURSES, ended())
    assert ranks(table, "a") == {1 / 8: 1, 1 / 4: 1, 1 / 2: 1, 1.0: 2}
    assert ranks(table, "b") == {1 / 8: 2, 1 / 4: 2, 1 / 2: 2, 1.0: 1}
    rows = table[table["loss"] == "b"].set_index("budget_fraction")["untrained"]
    assert rows.to_dict() == {1 / 8: 2, 1 / 4: 0, 1 / 2: 0, 1.0: 0}


def test_fractions_before_any_checkpoint_are_left_out():
    assert found(COURSES, ended())["budget_fraction"].min() == 1 / 8


def test_a_method_without_cost_is_there_from_the_start():
    courses = COURSES | {("x", "a"): {0: 2.0}, ("y", "a"): {0: 2.0}}
    assert found(courses, ended())["budget_fraction"].min() == 2**-6


def test_a_run_that_failed_ranks_last_although_it_has_checkpoints():
    table = found(COURSES, ended(a=None))
    assert set(ranks(table, "a").values()) == {2.0}
    assert set(table[table["loss"] == "a"]["untrained"]) == {2}


def test_one_failed_seed_of_three_leaves_the_median_of_the_others():
    table = found(COURSES, ended(a=[1.0, None, 1.0]))
    assert ranks(table, "a")[0.5] == 1


@pytest.mark.parametrize("lost", [("x", "a"), ("y", "b")])
def test_without_all_curves_there_are_no_ranks(lost):
    table = found({key: course for key, course in COURSES.items() if key != lost}, ended())
    assert table.empty and list(table) == list(COLUMNS)
