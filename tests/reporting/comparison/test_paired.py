"""Differences in pairs against closed forms."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_rel

from ebmbench.reporting.comparison.intervals import interval
from ebmbench.reporting.comparison.paired import bootstrapped, paired, ratio

#: the 97.5 % point of Student's t with 2 degrees of freedom, (2 p - 1) sqrt(2 / (4 p (1 - p))), p = 0.975
T2 = 0.95 * math.sqrt(2 / (4 * 0.975 * 0.025))

SEEDS = [0, 1, 2]


def test_three_pairs_by_hand():
    of = paired(pd.Series([11.0, 22.0, 36.0], SEEDS), pd.Series([10.0, 20.0, 30.0], SEEDS))
    # differences 1, 2, 6: mean 3, variance (4 + 1 + 9) / 2
    assert of.mean == pytest.approx(3.0)
    assert of.stderr == pytest.approx(math.sqrt(7 / 3))
    assert (of.ci_low, of.ci_high) == pytest.approx((3 - T2 * math.sqrt(7 / 3), 3 + T2 * math.sqrt(7 / 3)))
    assert of.pairs == 3


def test_the_interval_touches_zero_where_the_paired_test_has_p_005():
    second = pd.Series([10.0, 20.0, 30.0], SEEDS)
    shift = paired(pd.Series([11.0, 22.0, 36.0], SEEDS), second).ci_low
    first = pd.Series([11.0, 22.0, 36.0], SEEDS) - shift
    assert ttest_rel(first, second).pvalue == pytest.approx(0.05)
    assert paired(first, second).ci_low == pytest.approx(0, abs=1e-12)


def test_p_is_that_of_the_paired_test():
    first, second = pd.Series([11.0, 22.0, 36.0], SEEDS), pd.Series([10.0, 20.0, 30.0], SEEDS)
    assert paired(first, second).p == pytest.approx(ttest_rel(first, second).pvalue)
    assert paired(first, second).p == pytest.approx(paired(second, first).p)
    assert math.isnan(paired(first[:1], second).p) and math.isnan(paired(first[:0], second).p)
    assert (paired(first, first).p, paired(first + 1, first).p) == (1.0, 0.0)


def test_what_the_seeds_share_cancels():
    """The spread of the seeds is a hundred times that of the differences: an unpaired interval cannot see the gain."""
    shared, own = pd.Series([-10.0, 0.0, 10.0], SEEDS), pd.Series([0.1, 0.0, -0.1], SEEDS)
    of = paired(shared + own + 1, shared)
    assert of.mean == pytest.approx(1.0) and of.stderr == pytest.approx(0.1 / math.sqrt(3))
    unpaired = math.hypot(interval(shared + own).stderr, interval(shared).stderr)
    assert unpaired > 50 * of.stderr


def test_seeds_are_matched_by_name_and_not_by_place():
    first, second = pd.Series([1.0, 2.0, 6.0], SEEDS), pd.Series([5.0, 1.0, 0.0], [2, 1, 0])
    assert paired(first, second)[:2] == pytest.approx((1.0, 0.0))
    by_place = first.to_numpy() - second.to_numpy()
    assert by_place.std() > 1


def test_a_seed_without_partner_or_value_is_in_no_pair():
    first = pd.Series([1.0, 2.0, 6.0, 100.0, 7.0], [0, 1, 2, 3, 4])
    second = pd.Series([0.0, 0.0, 0.0, math.nan, -50.0], [0, 1, 2, 3, 5])
    of = paired(first, second)
    assert (of.mean, of.pairs) == (pytest.approx(3.0), 3)


def test_one_pair_has_no_interval_and_none_has_no_mean():
    of = paired(pd.Series([3.0], [0]), pd.Series([1.0], [0]))
    assert (of.mean, of.pairs) == (2.0, 1)
    assert all(map(math.isnan, (of.stderr, of.ci_low, of.ci_high)))
    assert paired(pd.Series([3.0], [0]), pd.Series([1.0], [1])).pairs == 0
    assert math.isnan(paired(pd.Series([3.0], [0]), pd.Series([1.0], [1])).mean)


def test_a_seed_that_stands_twice_is_refused():
    with pytest.raises(ValueError, match="duplicate seed: 1"):
        paired(pd.Series([1.0, 2.0, 3.0], [0, 1, 1]), pd.Series([1.0, 2.0], [0, 1]))


#: gains and gaps of four seeds
GAINS, GAPS = pd.Series([2.0, 2.6, 1.9, 2.5], range(4)), pd.Series([3.1, 3.4, 2.9, 3.0], range(4))


def test_the_interval_of_a_ratio_holds_what_a_paired_test_does_not_reject():
    of = ratio(GAINS, GAPS)
    assert of.value == pytest.approx(9.0 / 12.4) and of.pairs == 4
    for bound in (of.ci_low, of.ci_high):
        assert ttest_rel(GAINS, bound * GAPS).pvalue == pytest.approx(0.05, abs=1e-9)
    assert of.ci_low < of.value < of.ci_high
    # the ratios' own interval is another one
    ratios = interval(GAINS / GAPS)
    assert abs(of.ci_high - ratios.mean - ratios.half) > 1e-3


def test_a_denominator_that_is_as_sure_as_the_numerator_cancels():
    of = ratio(0.7 * GAPS, GAPS)
    assert (of.value, of.ci_low, of.ci_high) == pytest.approx((0.7, 0.7, 0.7))


def test_a_denominator_that_may_be_nought_has_no_interval():
    of = ratio(GAINS, pd.Series([3.0, -2.0, 1.0, -1.5], range(4)))
    assert math.isnan(of.ci_low) and math.isnan(of.ci_high) and not math.isnan(of.value)


def test_one_pair_has_a_ratio_alone_and_none_has_none():
    one = ratio(GAINS[:1], GAPS)
    assert (one.value, one.pairs) == (pytest.approx(2.0 / 3.1), 1) and math.isnan(one.ci_low)
    assert math.isnan(ratio(GAINS[:0], GAPS).value)


def test_bootstrap_is_the_percentiles_of_all_resamples():
    d = [0.3, -1.0, 2.0, 0.9]
    means = np.array([np.mean(choice) for choice in itertools.product(d, repeat=4)])
    zero = pd.Series([0.0] * 4)
    low, high = bootstrapped(pd.Series(d), zero)
    assert (low, high) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])), abs=0.02)
    of = paired(pd.Series(d), zero)
    assert high - low < 0.7 * (of.ci_high - of.ci_low)
    assert bootstrapped(pd.Series(d), zero) == (low, high)


def test_bootstrap_covers_too_seldom_with_few_pairs():
    """What its docstring says of five pairs: about 84 of 100, where Student's interval has 95."""
    generator, repetitions = np.random.default_rng(0), 200
    held = {"bootstrap": 0, "student": 0}
    for _ in range(repetitions):
        d, zero = pd.Series(generator.normal(size=5)), pd.Series([0.0] * 5)
        low, high = bootstrapped(d, zero)
        held["bootstrap"] += low <= 0 <= high
        of = paired(d, zero)
        held["student"] += of.ci_low <= 0 <= of.ci_high
    assert held["bootstrap"] / repetitions == pytest.approx(0.84, abs=0.08)
    assert held["student"] / repetitions == pytest.approx(0.95, abs=0.05)


def test_bootstrap_of_one_pair_is_missing_and_of_equal_ones_a_point():
    one = pd.Series([1.0])
    assert all(math.isnan(bound) for bound in bootstrapped(one, one))
    assert bootstrapped(pd.Series([2.0, 3.0]), pd.Series([1.0, 2.0])) == (1.0, 1.0)
