"""The adjustment of the least of several p-values against one method: closed forms, and Dunnett's test by scipy."""

import numpy as np
import pytest
import scipy.stats

from ebmbench.reporting.comparison.many_to_one import LARGEST, least_p_adjusted


@pytest.mark.parametrize("p", [1e-6, 0.01, 0.3])
@pytest.mark.parametrize("m", [1, 3, 12])
def test_independent_comparisons_are_sidaks(m, p):
    assert least_p_adjusted(p, np.zeros(m)) == pytest.approx(1 - (1 - p) ** m, rel=1e-7)


def test_one_comparison_is_not_adjusted_and_equal_ones_hardly():
    assert least_p_adjusted(0.02, np.array([0.5])) == pytest.approx(0.02)
    together = least_p_adjusted(0.02, np.ones(12))
    assert 0.02 < together < 0.03
    # between comparisons that are the same and independent ones
    assert together < least_p_adjusted(0.02, np.full(12, 0.5)) < 1 - 0.98**12


def test_known_variances_are_the_multivariate_normal():
    shares = np.array([0.1, 0.5, 0.9, LARGEST])
    z = 2.1
    correlation = np.sqrt(np.outer(shares, shares))
    np.fill_diagonal(correlation, 1.0)
    exact = 1 - scipy.stats.multivariate_normal(cov=correlation).cdf(np.full(4, z), rng=np.random.default_rng(0))
    assert least_p_adjusted(scipy.stats.norm.sf(z), shares) == pytest.approx(exact, abs=1e-4)


@pytest.mark.parametrize(("seeds", "off"), [(3, 0.006), (5, 0.003), (100, 0.001)])
@pytest.mark.parametrize("t", [1.6, 2.1, 2.6])
def test_equal_variances_are_dunnetts_test(seeds, off, t):
    """The control is moved until the largest statistic is ``t``; the adjusted p is then between .02 and .3."""
    generator = np.random.default_rng(seeds)
    samples = [generator.normal(size=seeds + more) for more in (0, 0, 2, 4)]
    control = generator.normal(size=seeds)
    runs = np.array([len(of) for of in samples])
    df = runs.sum() + seeds - 5
    pooled = sum(((of - of.mean()) ** 2).sum() for of in [*samples, control]) / df
    means = np.array([of.mean() for of in samples])
    control += (t * np.sqrt(pooled * (1 / seeds + 1 / runs)) + means).min() - control.mean()
    found = scipy.stats.dunnett(*samples, control=control, alternative="less", rng=np.random.default_rng(0))
    assert found.statistic.min() == pytest.approx(-t)
    alone = scipy.stats.t.sf(t, df)
    ours, by_scipy = least_p_adjusted(alone, runs / (seeds + runs)), found.pvalue.min()
    assert ours == pytest.approx(by_scipy, abs=off)
    # one estimate of the variance per comparison: never less than with one for all, but for scipy's own error
    assert ours > by_scipy - 3e-4
    # neither without an adjustment nor with one for independent comparisons
    assert alone < by_scipy - 2 * off and 1 - (1 - alone) ** 4 > ours + 0.002
