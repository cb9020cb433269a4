"""The mean over data sets: restricted likelihood, Hartung and Knapp's interval, and why weights are equal."""

import math

import numpy as np
import pytest
from scipy import optimize, stats

from ebmbench.reporting.claims.meta import random_effects

#: effects on six data sets, and the error of each
EFFECTS, ERROR = np.array([2.2, 4.8, 0.05, 2.4, 3.5, 1.25]), 0.6


def restricted_deviance(square, y, variances):
    w = 1 / (variances + square)
    mean = (w * y).sum() / w.sum()
    return (np.log(variances + square) + w * (y - mean) ** 2).sum() + math.log(w.sum())


def test_tau_is_that_of_the_restricted_likelihood():
    found = random_effects(EFFECTS, np.full(6, ERROR))
    best = optimize.minimize_scalar(
        restricted_deviance,
        bounds=(0, 50),
        args=(EFFECTS, np.full(6, ERROR**2)),
        method="bounded",
        options={"xatol": 1e-10},
    )
    assert found.tau**2 == pytest.approx(best.x, rel=1e-6)
    # the estimate of Paule and Mandel solves Q(tau^2) = k - 1
    w = 1 / (ERROR**2 + found.tau**2)
    assert w * ((EFFECTS - EFFECTS.mean()) ** 2).sum() == pytest.approx(5, rel=1e-12)


def test_the_interval_is_hartung_and_knapps():
    found = random_effects(EFFECTS, np.full(6, ERROR))
    w = np.full(6, 1 / (ERROR**2 + found.tau**2))
    mean = (w * EFFECTS).sum() / w.sum()
    error = math.sqrt((w * (EFFECTS - mean) ** 2).sum() / (5 * w.sum()))
    half = stats.t.isf(0.025, 5) * error
    assert found.interval(0.05) == pytest.approx((mean - half, mean + half), rel=1e-12)
    reach = stats.t.isf(0.025, 4) * math.sqrt(found.tau**2 + error**2)
    assert found.prediction(0.05) == pytest.approx((mean - reach, mean + reach), rel=1e-12)


def test_without_heterogeneity_tau_is_zero_and_two_entries_predict_nothing():
    assert random_effects(EFFECTS, np.full(6, 9.0)).tau == 0
    assert math.isnan(random_effects(EFFECTS[:2], np.full(2, 1.0)).prediction(0.05)[0])


def weighted_t(y, variances):
    """Hartung and Knapp's t with weights by the trainings' own variances and Paule and Mandel's tau."""

    def excess(square):
        w = 1 / (variances + square)
        return (w * (y - (w * y).sum() / w.sum()) ** 2).sum() - (len(y) - 1)

    square = optimize.brentq(excess, 0, 1e6) if excess(0) > 0 else 0.0
    w = 1 / (variances + square)
    mean = (w * y).sum() / w.sum()
    return mean / math.sqrt((w * (y - mean) ** 2).sum() / (len(y) - 1) / w.sum())


def test_weights_from_three_trainings_would_decide_claims_about_nothing():
    generator, k, n, repetitions, level = np.random.default_rng(0), 9, 3, 1500, 0.005
    limit = stats.t.isf(level / 2, k - 1)
    equal = weighted = 0
    for _ in range(repetitions):
        x = np.exp(generator.normal(size=(k, 1))) * generator.normal(size=(k, n)) + 0.3 * generator.normal(size=(k, 1))
        y, variances = x.mean(1), x.var(1, ddof=1) / n
        found = random_effects(y, np.sqrt(variances))
        equal += abs(found.effect / found.stderr) > limit
        weighted += abs(weighted_t(y, variances)) > limit
    assert equal / repetitions <= level + 3 * math.sqrt(level / repetitions)
    assert weighted / repetitions > 3 * level
