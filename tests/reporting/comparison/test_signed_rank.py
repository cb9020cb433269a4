"""Bayesian signed-rank test: against closed forms of its Dirichlet weights, and wrong variants of it."""

import math

import numpy as np
import pytest
from scipy.stats import beta

from ebmbench.reporting.comparison.signed_rank import PRIOR, SAMPLES, signed_rank

#: five standard errors of a probability near one half
CLOSE = 5 * 0.5 / SAMPLES**0.5


@pytest.mark.parametrize("n", [1, 3, 9])
def test_differences_beyond_twice_the_margin_leave_only_the_prior_in_the_region(n):
    # better is 1 - w_0^2, so it is the largest where w_0 < sqrt(1/2), and w_0 ~ Beta(1/2, n)
    found = signed_rank(np.full(n, 2.1), margin=1.0)
    assert found.better == pytest.approx(beta(PRIOR, n).cdf(math.sqrt(0.5)), abs=CLOSE)
    assert found.worse == 0
    assert sum(found) == pytest.approx(1)


@pytest.mark.parametrize("n", [1, 3, 9])
def test_differences_between_one_margin_and_two_count_without_the_prior(n):
    # the mean with the prior's 0 is within the margin: better is (1 - w_0)^2
    found = signed_rank(np.full(n, 1.9), margin=1.0)
    assert found.better == pytest.approx(beta(PRIOR, n).cdf(1 - math.sqrt(0.5)), abs=CLOSE)


def test_differences_within_the_margin_are_equivalent():
    assert signed_rank(np.array([0.9, -0.9, 0.5, 0.0]), margin=1.0) == (0, 1, 0)


def test_two_equal_differences_of_either_sign_are_decided_by_their_weights():
    # of two opposite differences the means with each other are 0, those with the prior beyond the margin
    found = signed_rank(np.array([3.0, -3.0]), margin=1.0)
    assert found.better == pytest.approx(found.worse, abs=2 * CLOSE)
    drawn = np.random.default_rng(5).dirichlet([PRIOR, 1, 1], size=200_000)
    w0, w1, w2 = drawn.T
    fractions = np.stack([w1**2 + 2 * w0 * w1, w0**2 + 2 * w1 * w2, w2**2 + 2 * w0 * w2])
    assert found == pytest.approx(np.bincount(fractions.argmax(axis=0)) / 200_000, abs=CLOSE)


def test_the_other_way_round_is_the_mirror_image():
    differences = np.array([0.3, 1.7, -0.2, 2.2, 0.8, -1.1])
    one, other = signed_rank(differences, 0.5), signed_rank(-differences, 0.5)
    assert (one.better, one.equivalent, one.worse) == (other.worse, other.equivalent, other.better)


def test_known_differences_are_found_and_those_of_nothing_are_not():
    generator = np.random.default_rng(0)
    clear = [signed_rank(generator.normal(1.5, 0.5, size=9), 0.22).better for _ in range(40)]
    assert min(clear) > 0.95
    nothing = [signed_rank(generator.normal(0, 0.1, size=9), 0.22).equivalent for _ in range(40)]
    assert min(nothing) > 0.95
    noise = [max(of.better, of.worse) for of in (signed_rank(generator.normal(size=9), 0.22) for _ in range(100))]
    assert np.mean(np.array(noise) > 0.95) <= 0.15


def test_failures_count_and_dropping_them_would_change_the_answer():
    differences = np.array([0.5, 0.6, 0.7, 0.5, -math.inf, -math.inf, -math.inf, -math.inf, -math.inf])
    kept, dropped = signed_rank(differences, 0.22), signed_rank(differences[np.isfinite(differences)], 0.22)
    assert kept.better < 0.25 < 0.75 < dropped.better
    assert signed_rank(np.full(6, math.inf), 0.22) == signed_rank(np.full(6, 5.0), 0.22)


def test_two_failures_are_no_difference():
    assert signed_rank(np.array([math.nan] * 6), 0.22) == (0, 1, 0)
    assert signed_rank(np.array([math.inf, -math.inf]), 0.22) == signed_rank(np.array([9.0, -9.0]), 0.22)
