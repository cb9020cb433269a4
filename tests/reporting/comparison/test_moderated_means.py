"""Variances moderated over groups: the prior of simulated ones, its limits, and the size of the test."""

import math

import numpy as np
import pytest
from scipy.special import polygamma
from scipy.stats import ttest_1samp

from ebmbench.reporting.comparison.moderated_means import (
    Mean,
    _inverse_trigamma,
    moderated_means,
    prior,
    shown_above,
)


def test_the_prior_of_drawn_variances_is_found():
    """s^2 ~ sigma^2 chi^2_d / d with sigma^2 ~ d0 s0^2 / chi^2_d0 (Smyth 2004): d0 = 6, s0^2 = 2, d = 3."""
    rng = np.random.default_rng(0)
    true = 6 * 2 / rng.chisquare(6, 20_000)
    found = prior([(variance, 3.0) for variance in true * rng.chisquare(3, 20_000) / 3])
    assert found.df == pytest.approx(6, rel=0.1) and found.variance == pytest.approx(2, rel=0.03)
    equal = prior([(variance, 3.0) for variance in 2 * rng.chisquare(3, 200) / 3])
    assert equal.df > 30 and equal.variance == pytest.approx(2, rel=0.15)
    assert prior([(1.0, 3.0)]).df == 0 == prior([(0.0, 2.0), (1.0, 2.0)]).df


@pytest.mark.parametrize("value", [1e-4, 0.1, 1.0, 50.0])
def test_the_trigamma_function_is_inverted(value):
    assert float(polygamma(1, _inverse_trigamma(value))) == pytest.approx(value, rel=1e-9)


def test_one_group_alone_is_students_test():
    values = np.array([1.0, 2.0, 4.0])
    found = moderated_means({"a": values}, {"a": np.full(3, math.nan)})["a"]
    expected = ttest_1samp(values, 0.5, alternative="greater").pvalue
    assert shown_above(found, 0.5) == pytest.approx(expected)


def test_monte_carlo_errors_count_where_there_is_one_value_each():
    found = moderated_means(
        {"a": np.array([1.0]), "b": np.array([2.0])}, {"a": np.array([0.5]), "b": np.array([math.nan])}
    )
    assert shown_above(found["a"], 0.0) == pytest.approx(0.0228, abs=1e-4)
    assert math.isnan(shown_above(found["b"], 0.0))
    assert (shown_above(Mean(1.0, 0.0, 2.0), 0.5), shown_above(Mean(1.0, 0.0, 2.0), 1.0)) == (0.0, 1.0)


def test_the_moderated_test_keeps_its_level_and_gains_power():
    rng = np.random.default_rng(1)
    means, alone, shifted, shifted_alone = [], [], [], []
    for _ in range(200):
        values = rng.normal(size=(12, 3)) * np.sqrt(8 * 1.0 / rng.chisquare(8, (12, 1)))
        for shift, moderated, plain in ((0.0, means, alone), (1.5, shifted, shifted_alone)):
            groups = {i: row + shift for i, row in enumerate(values)}
            found = moderated_means(groups, {i: np.full(3, math.nan) for i in groups})
            moderated += [shown_above(of, 0.0) <= 0.05 for of in found.values()]
            plain += [shown_above(moderated_means({0: row}, {0: row})[0], 0.0) <= 0.05 for row in groups.values()]
    assert np.mean(means) == pytest.approx(0.05, abs=0.02) and np.mean(alone) == pytest.approx(0.05, abs=0.02)
    assert np.mean(shifted) > np.mean(shifted_alone) + 0.1
