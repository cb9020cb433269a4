"""Bootstrap over data sets: against enumeration of all resamples, and methods that are alike."""

import itertools

import numpy as np
import pandas as pd
import pytest

from ebmbench.reporting.comparison.rank_bootstrap import RESAMPLES, places

#: five standard errors of a fraction near one half
CLOSE = 5 * 0.5 / RESAMPLES**0.5


def of(rows, names="abcdefgh"):
    return pd.DataFrame(rows, columns=list(names[: len(rows[0])]))


def test_a_method_that_is_first_on_every_set_is_first_in_every_resample():
    found = places(of([[1, 2, 3], [1, 3, 2], [1, 2, 3], [1, 3, 2]]))
    assert found.first_fraction["a"] == 1
    assert (found.low["a"], found.high["a"]) == (1, 1)
    assert found.low["b"] < found.low["c"] + 1e-9 and found.high["b"] == 3


def test_fractions_and_places_are_those_of_all_resamples():
    ranks = of([[1, 2, 3], [2, 1, 3], [1, 3, 2], [3, 1, 2]])
    firsts, seen = np.zeros(3), []
    for chosen in itertools.product(range(4), repeat=4):
        mean = ranks.iloc[list(chosen)].mean().round(9)
        firsts += (mean == mean.min()) / (mean == mean.min()).sum()
        seen.append(mean.rank().to_numpy())
    found = places(ranks)
    assert found.first_fraction.to_numpy() == pytest.approx(firsts / 4**4, abs=CLOSE)
    low, high = np.quantile(seen, [0.025, 0.975], axis=0, method="inverted_cdf")
    assert found.low.tolist() == low.tolist()
    assert found.high.tolist() == high.tolist()


def test_symmetrical_methods_are_first_equally_often():
    found = places(of([list(order) for order in itertools.permutations((1, 2, 3, 4))])).first_fraction
    assert found.sum() == pytest.approx(1)
    assert found.to_numpy() == pytest.approx(0.25, abs=CLOSE)


def test_methods_that_always_tie_share_every_resample():
    found = places(of([[1.5, 1.5, 3]] * 7))
    assert found.first_fraction.tolist() == [0.5, 0.5, 0]
    assert found.low.tolist() == found.high.tolist() == [1.5, 1.5, 3]


def test_noise_is_seldom_first_in_nearly_all_resamples():
    generator, sure, repetitions = np.random.default_rng(0), 0, 60
    for _ in range(repetitions):
        ranks = of(generator.normal(size=(9, 8)).argsort(axis=1).argsort(axis=1) + 1)
        sure += bool((places(ranks).first_fraction > 0.95).any())
    assert sure / repetitions <= 0.15
