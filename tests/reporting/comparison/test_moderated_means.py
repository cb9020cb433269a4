"""Means whose variances are moderated over groups: the limits, the level and the power of their test."""

import math

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from ebmbench.reporting.comparison.moderated_means import Mean, moderated_means, shown_above


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
    # variances are never lowered, so that the test errs on the safe side
    assert 0.01 < np.mean(means) <= 0.06 and np.mean(alone) == pytest.approx(0.05, abs=0.02)
    assert np.mean(shifted) > np.mean(shifted_alone) + 0.1
