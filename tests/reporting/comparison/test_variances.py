"""Moderated variances: the prior that they were drawn from, and what they must not do."""

import math

import numpy as np
import pytest
import scipy.stats
from scipy.special import polygamma

from ebmbench.reporting.comparison.variances import inverse_trigamma, moderated, prior_of


def drawn(generator, methods, df, prior_df, scale):
    """Sample variances of methods whose own variances are from a prior."""
    own = prior_df * scale / generator.chisquare(prior_df, methods) if prior_df < math.inf else np.full(methods, scale)
    return own * generator.chisquare(df, methods) / df


@pytest.mark.parametrize("y", [1e-5, 0.1, 1.0, math.pi**2 / 6, 30.0, 1e5])
def test_trigamma_is_inverted(y):
    assert float(polygamma(1, inverse_trigamma(y))) == pytest.approx(y)


@pytest.mark.parametrize("prior_df", [2.0, 6.0])
def test_many_methods_show_their_prior(prior_df):
    generator = np.random.default_rng(0)
    found = prior_of(drawn(generator, 20_000, 4, prior_df, 0.3), np.full(20_000, 4.0))
    assert found.df == pytest.approx(prior_df - 0.5, rel=0.1)
    assert found.scale == pytest.approx(0.3, rel=0.05)


def test_few_methods_borrow_less_than_they_might():
    generator = np.random.default_rng(0)
    df = [prior_of(drawn(generator, 6, 2, 6.0, 1.0), np.full(6, 2.0)).df for _ in range(400)]
    assert 0.75 < np.mean(np.array(df) < 6) < 0.95


def test_equal_variances_are_pooled():
    generator = np.random.default_rng(1)
    s2 = drawn(generator, 200, 2, math.inf, 0.3)
    s2 = np.exp(np.log(s2) * 0.8 + 0.2 * np.log(0.3))
    found = moderated(s2, np.full(200, 2.0))
    assert found.variances.min() == pytest.approx(0.3, rel=0.2)
    assert found.df == pytest.approx(np.full(200, 400.0))


def test_the_posterior_is_smyths_and_lowers_nothing():
    generator = np.random.default_rng(2)
    s2, df = drawn(generator, 30, 3, 5.0, 2.0), np.full(30, 3.0)
    prior, found = prior_of(s2, df), moderated(s2, df)
    assert 1 < prior.df < 20
    posterior = (3 * s2 + prior.df * prior.scale) / (3 + prior.df)
    raised = s2 < prior.scale
    assert 5 < raised.sum() < 25
    assert found.variances[raised] == pytest.approx(posterior[raised])
    assert (found.variances[~raised] == s2[~raised]).all()
    assert found.df == pytest.approx(np.full(30, 3 + prior.df))


def test_three_seeds_that_happen_to_agree_get_the_variance_of_the_others():
    s2 = np.array([0.01, 0.8, 1.0, 1.1, 0.9, 1.2, 0.7, 1.3, 1.0, 0.9])
    found = moderated(s2, np.full(10, 2.0))
    assert found.variances[0] > 0.3 and found.df[0] > 3


def test_one_wide_method_does_not_widen_the_others():
    generator = np.random.default_rng(3)
    s2 = drawn(generator, 12, 4, math.inf, 1.0)
    before = moderated(s2, np.full(12, 4.0)).variances
    s2[np.argsort(s2)[-1]] = 1e4
    after = moderated(s2, np.full(12, 4.0)).variances
    assert (np.sort(after)[:-1] <= 1.2 * np.sort(before)[:-1]).all()


def test_methods_without_spread_say_nothing_about_the_others():
    s2 = np.array([0.8, 1.0, 1.1, 0.9, 1.2])
    alone, beside = prior_of(s2, np.full(5, 2.0)), prior_of(np.append(s2, [0.0, 0.0]), np.full(7, 2.0))
    assert beside == alone
    none = moderated(np.zeros(3), np.full(3, 2.0))
    assert (none.variances == 0).all() and (none.df == 2).all()
    one = moderated(np.array([0.7]), np.array([2.0]))
    assert one.variances == 0.7 and one.df == 2


def test_moderated_variances_keep_the_level_where_raw_ones_do():
    """By the model itself: T with moderated variances is Student's with d + d_0, at most."""
    generator = np.random.default_rng(4)
    own = 6 / generator.chisquare(6, 4000)
    s2 = own * generator.chisquare(2, 4000) / 2
    found = moderated(s2, np.full(4000, 2.0))
    t = np.sqrt(own) * generator.normal(size=4000) / np.sqrt(found.variances)
    level = np.mean(t > scipy.stats.t.isf(0.05, found.df))
    assert 0.02 < level < 0.055
    # the degrees of freedom of the prior belong to its variances: raw ones are wrong by far
    raw = np.mean(np.sqrt(own) * generator.normal(size=4000) / np.sqrt(s2) > scipy.stats.t.isf(0.05, found.df))
    assert raw > 0.07
