"""Ranks by dimension, counted by hand."""

import math

import pandas as pd
import pytest

from ebmbench.reporting.comparison.dimension_ranks import dimension_ranks
from ebmbench.reporting.comparison.rank_blocks import KL, blocks
from tests.helpers.rankable import scores

#: a wins in the plane, b in eight dimensions but for one set on which it fails
VALUES = {
    ("plane1", "a"): 0.1, ("plane1", "b"): 0.4, ("plane1", "c"): 0.2,
    ("plane2", "a"): 0.4, ("plane2", "b"): 0.8, ("plane2", "c"): 0.9,
    ("eight1", "a"): 3.0, ("eight1", "b"): 1.0, ("eight1", "c"): 2.0,
    ("eight2", "a"): 3.0, ("eight2", "b"): None, ("eight2", "c"): 8.0,
}  # fmt: skip

DIMS = {"plane1": 2, "plane2": 2, "eight1": 8, "eight2": 8, "other": 64}


def found(dims=DIMS):
    facts = pd.DataFrame({"dataset": list(dims), "dim": list(dims.values())})
    return dimension_ranks(facts, blocks(scores(VALUES), KL)[0]).set_index(["dim", "loss"])


def test_ranks_are_means_over_the_data_sets_of_a_dimension():
    table = found()
    assert table["mean_rank"].to_dict() == {
        **{(2, "a"): 1.0, (2, "b"): 2.5, (2, "c"): 2.5},
        **{(8, "a"): 2.0, (8, "b"): 2.0, (8, "c"): 2.0},
    }
    assert (table["datasets"] == 2).all()


def test_values_are_geometric_means_and_empty_where_a_result_is_missing():
    table = found()
    assert table.loc[(2, "a"), "kl"] == pytest.approx(0.2)
    assert table.loc[(8, "c"), "kl"] == pytest.approx(4.0)
    assert math.isnan(table.loc[(8, "b"), "kl"])


def test_data_sets_of_one_dimension_have_no_such_table():
    assert found(dict.fromkeys(DIMS, 2)).empty
