"""The sentence on a method's place: ahead, tied or behind, by answers that are known."""

import pandas as pd
import pytest

from ebmbench.reporting.comparison.columns import Column
from ebmbench.reporting.comparison.place import place_sentence
from tests.helpers.score_rows import frame, rows_of

KL, ENERGY = Column("kl", "exact", "model"), Column("energy_distance", "test", "model")
OWN = ("given", "none", "none")
OTHERS = {
    "ebm-ed-none": 0.02,
    "ebm-cd-none": 0.04,
    "flow-ml-none": 0.08,
    "oracle-none-none": 0.001,
    "base-none-none": 3.0,
}
NOISE = [1.0, 1.03, 0.98]
BEHIND = "behind the best, ebm · ed with 0.0201, by a factor of "


def sentence(own, column=KL, others=OTHERS, stderr=1e-4, more=None):
    methods = {"given-none-none": own} | {name: [value * of for of in NOISE] for name, value in others.items()}
    rows = [rows_of(name, column.metric, column.split, values, stderr) for name, values in methods.items()]
    return place_sentence(pd.concat([frame(*rows), more]), column, OWN)


@pytest.mark.parametrize(
    ("own", "place"),
    [
        ([0.01], "kl 0.01 nats: ahead of all 3 trained methods, the best of them ebm · ed with 0.0201"),
        ([0.022], "kl 0.022 nats: tied with the best of 3 trained methods, ebm · ed with 0.0201"),
        ([0.05], f"kl 0.05 nats: better than 1 of 3 trained methods, {BEHIND}2.49"),
        ([0.5], f"kl 0.5 nats: worse than all 3 trained methods, {BEHIND}24.9"),
    ],
)
def test_the_place_is_reported(own, place):
    assert sentence(own) == f"{place}; the oracle has 0.001."


def test_a_difference_that_seeds_do_not_show_is_a_tie_and_one_that_they_show_is_not():
    assert "tied with the best" in sentence([0.012, 0.09, 0.013])
    assert "behind the best" in sentence([0.036, 0.0371, 0.0353])


def test_a_lead_that_errors_explain_is_a_tie():
    assert "ahead of all 3 trained" in sentence([0.015], ENERGY, stderr=1e-4)
    assert "tied with the best of 3 trained" in sentence([0.015], ENERGY, stderr=0.02)
    assert "tied with the best of 3 trained" in sentence([0.002, 0.06, 0.003])


def test_methods_with_failed_runs_are_counted_as_left_out():
    lost = frame(rows_of("ebm-pcd-none", "kl", "exact", ["failed", 2.0, 2.1], 1e-4))
    found = sentence([0.5], more=lost)
    assert "worse than all 3 trained methods" in found and "(1 more left out, because runs of theirs failed)" in found
    assert "left out" not in sentence([0.5])


def test_a_difference_on_a_linear_scale_has_a_unit_and_margin_of_zero():
    found = sentence([0.03], ENERGY)
    assert "energy_distance 0.03 data units: better than 2 of 3 trained" in found
    assert "by 0.00993 data units; the oracle" in found
    assert "tied with the best" in sentence([0.03], ENERGY, stderr=0.02)


def test_without_trained_methods_only_the_values_are_reported():
    others = {name: value for name, value in OTHERS.items() if "-none-" in name}
    assert sentence([0.01], others=others) == "kl 0.01 nats; the oracle has 0.001."
    assert sentence([0.01], others={}) == "kl 0.01 nats."
