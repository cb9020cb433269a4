"""Verdicts: intervals against scipy, what each relation decides, and how often nothing is taken for something."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from ebmbench.reporting.claims import verdicts
from ebmbench.reporting.claims.claim import Claim
from ebmbench.reporting.claims.estimates import TESTS, normal, numbers, paired
from ebmbench.reporting.claims.evidence import Evidence, EvidenceSide

CLAIM = Claim("c", "a sentence", "a source", "grid", "scores", {"loss": "a"}, {"loss": "b"}, "less")


def side(values, stderrs=None):
    index = range(len(values))
    return EvidenceSide(pd.Series(values, index, dtype=float), pd.Series(stderrs or [math.nan] * len(values), index))


def both(this, other, on="x"):
    return Evidence(on, this, other)


@pytest.mark.parametrize("level", [0.05, 0.005])
def test_paired_interval_is_scipys(level):
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=(2, 5))
    reported = paired(both(side(a), side(b)), False, level)
    known = scipy.stats.ttest_rel(a, b).confidence_interval(1 - level)
    assert (reported.low, reported.high) == pytest.approx((known.low, known.high), rel=1e-12)
    assert reported.value == pytest.approx((a - b).mean(), rel=1e-12)


def test_logarithms_make_it_a_ratio():
    reported = paired(both(side([2.0, 8.0]), side([1.0, 4.0])), True, 0.05)
    assert reported.value == pytest.approx(math.log(2), rel=1e-12)
    assert reported.high - reported.low == pytest.approx(0, abs=1e-12)


def test_normal_interval_takes_the_errors_of_both_sides():
    reported = normal(both(side([1.0, 2.0], [0.3, 0.4]), side([0.0, 0.0], [0.0, 1.2])), False, 0.05)
    half = scipy.stats.norm.isf(0.025) * math.sqrt(0.3**2 + 0.4**2 + 1.2**2) / 2
    assert (reported.value, reported.high - reported.value) == pytest.approx((1.5, half), rel=1e-12)
    with pytest.raises(ValueError, match="not logarithms"):
        normal(both(side([1.0], [0.1]), side([1.0], [0.1])), True, 0.05)


def test_normal_without_errors_decides_nothing():
    reported = normal(both(side([1.0]), side([0.0])), False, 0.05)
    assert math.isnan(reported.low)


def test_missing_values_are_lost_pairs_and_one_pair_has_no_interval():
    reported = paired(both(side([1.0, math.nan, 3.0]), side([0.0, 0.0, math.nan])), False, 0.05)
    assert (reported.pairs, reported.lost, reported.value) == (1, 2, 1.0)
    assert math.isnan(reported.low)
    assert math.isnan(paired(both(side([math.nan]), side([0.0])), False, 0.05).value)


def judged(claim, *entries, level=0.05):
    return verdicts.judge(claim, [both(side(a), side(b), str(i)) for i, (a, b) in enumerate(entries)], level)


LOW, HIGH = [0.0, 0.1, 0.0, 0.1], [1.0, 1.0, 1.1, 1.1]


@pytest.mark.parametrize(
    ("relation", "margin", "this", "other", "verdict"),
    [
        ("less", 0, LOW, HIGH, "held"),
        ("less", 0, HIGH, LOW, "not held"),
        ("greater", 0, HIGH, LOW, "held"),
        ("greater", 0, LOW, HIGH, "not held"),
        ("less", 0.5, LOW, HIGH, "held"),
        ("less", 2.0, LOW, HIGH, "not held"),
        ("within", 2.0, LOW, HIGH, "held"),
        ("within", 2.0, HIGH, LOW, "held"),
        ("within", 0.5, LOW, HIGH, "not held"),
        ("within", 0.5, HIGH, LOW, "not held"),
        ("less", 0, [0.0, 2.0], [1.0, 1.0], "undecided"),
        ("within", 1.0, LOW, HIGH, "undecided"),
        ("less", 0, [0.0], [1.0], "undecided"),
        ("within", 9.0, [0.0], [1.0], "undecided"),
    ],
)
def test_each_relation_decides(relation, margin, this, other, verdict):
    claim = dataclasses.replace(CLAIM, relation=relation, margin=margin)
    assert judged(claim, (this, other))[0]["verdict"] == verdict


def test_an_effect_above_zero_is_on_the_claims_side():
    less, greater = (judged(dataclasses.replace(CLAIM, relation=name), (LOW, HIGH))[0] for name in ("less", "greater"))
    assert less["effect"] == pytest.approx(1.0)
    assert greater["effect"] == pytest.approx(-1.0)
    assert less["ci_low"] < less["effect"] < less["ci_high"]
    assert (less["ci_low"], less["ci_high"]) == pytest.approx((-greater["ci_high"], -greater["ci_low"]))


@pytest.mark.parametrize(
    ("entries", "verdict"),
    [
        ([(LOW, HIGH), (LOW, LOW)], "held"),
        ([(LOW, HIGH), (LOW, LOW), (HIGH, HIGH)], "undecided"),
        ([(LOW, HIGH), (LOW, HIGH), (HIGH, LOW)], "undecided"),
        ([(LOW, HIGH), (HIGH, LOW), (HIGH, LOW)], "not held"),
        ([(HIGH, LOW), (LOW, LOW), (LOW, LOW)], "undecided"),
    ],
)
def test_all_entries_together(entries, verdict):
    claim = dataclasses.replace(CLAIM, test="paired")
    noisy = [([a + 0.01 * i for i, a in enumerate(this)], other) for this, other in entries]
    last = judged(claim, *noisy)[-1]
    assert (last["on"], last["verdict"]) == ("all", verdict)
    assert last["held"] + last["not_held"] + last["undecided"] == len(entries)


def share_of_claims_decided(level_of_entry, repetitions=600, entries=9, seeds=5):
    """Of claims about nothing, the share with a decided entry, when each entry is tested at this level."""
    generator = np.random.default_rng(1)
    d = generator.normal(size=(repetitions, entries, seeds))
    half = scipy.stats.t.isf(level_of_entry / 2, seeds - 1) * d.std(-1, ddof=1) / math.sqrt(seeds)
    return (np.abs(d.mean(-1)) > half).any(-1).mean()


def test_claims_about_nothing_are_decided_as_seldom_as_the_level_says():
    generator, decided, repetitions = np.random.default_rng(1), 0, 300
    zeros = [0.0] * 5
    for _ in range(repetitions):
        rows = judged(CLAIM, *((generator.normal(size=5), zeros) for _ in range(9)))
        decided += any(row["verdict"] != "undecided" for row in rows[:-1])
    bound = 0.05 + 3 * math.sqrt(0.05 * 0.95 / repetitions)
    assert decided / repetitions < bound
    assert share_of_claims_decided(0.05 / 9) < bound
    assert share_of_claims_decided(0.05) > 0.25


def test_numbers_are_taken_for_exact():
    assert numbers(both(side([1.0, 2.0]), side([0.0, 0.0])), False, 0.05)[:3] == (1.5, 1.5, 1.5)
    assert set(TESTS) == {"paired", "normal", "numbers"}


def test_units_are_those_of_the_metric_or_a_ratio():
    metric = dataclasses.replace(CLAIM, rows={"metric": "kl"})
    assert judged(metric, (LOW, HIGH))[0]["unit"] == "nats"
    assert judged(dataclasses.replace(metric, log=True), (HIGH, HIGH))[0]["unit"] == "log ratio"
