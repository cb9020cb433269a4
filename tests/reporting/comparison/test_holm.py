"""Holm's adjustment, against statsmodels'."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from ebmbench.reporting.comparison.ranking import holm_adjusted


@pytest.mark.parametrize("m", [0, 1, 2, 7, 40])
def test_it_is_that_of_statsmodels(m):
    p = np.random.default_rng(m).uniform(size=m) ** 3
    p[: m // 3] = p[m // 2 : m // 2 + m // 3]
    if not m:
        assert not len(holm_adjusted(p))
        return
    np.testing.assert_array_equal(holm_adjusted(p), multipletests(p, method="holm")[1])
    if m > 1:
        assert (holm_adjusted(p) != np.minimum(1, m * p)).any()


def test_a_missing_p_is_no_test_and_stays_missing():
    found = holm_adjusted(np.array([0.01, np.nan, 0.04, np.nan]))
    np.testing.assert_array_equal(found, [0.02, np.nan, 0.04, np.nan])
