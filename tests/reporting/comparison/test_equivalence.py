"""The equivalence test of moments: known answers by hand, and oracles tilted by known amounts through the scoring."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri
from scipy.stats import chi2

from ebmbench.experiments.calibration.known_order.measured import PLANE, REDWINE, Sizes
from ebmbench.experiments.calibration.known_order.tilted_oracle import pool
from ebmbench.reporting.comparison import equivalence as module
from ebmbench.reporting.comparison.equivalence import (
    BEYOND,
    FEW_ROWS,
    MARGIN,
    MATCHED,
    NEAR_MARGIN,
    NOT_MATCHED,
    ONE_TRAINING,
    UNDECIDED,
    equivalence,
)
from ebmbench.reporting.comparison.intervals import Interval

#: repetitions of a cell, each of runs chosen from a pool
CELLS = 300

SEEDS = (3, 5)


def runs(d2, floor=0.002, smooth=0.02, smooth_floor=0.02):
    columns = {"d2": d2, "d2_floor95": floor, "smooth": smooth, "smooth_floor95": smooth_floor}
    return pd.DataFrame({name: np.broadcast_to(np.asarray(of, float), np.shape(d2)) for name, of in columns.items()})


@pytest.mark.parametrize(
    ("d2", "floor", "verdict", "reason"),
    [
        ([0.001, 0.002, 0.0], 0.002, MATCHED, ""),
        ([0.04, 0.05, 0.045], 0.002, NOT_MATCHED, BEYOND),
        # the mean is within the margin, the trainings are not
        ([0.0, 0.0, 0.028], 0.002, UNDECIDED, NEAR_MARGIN),
        # above the margin by less than the floor
        ([0.0115, 0.0116, 0.0117], 0.002, UNDECIDED, NEAR_MARGIN),
        ([0.0, 0.0, 0.0], 0.3, UNDECIDED, FEW_ROWS),
        ([9.0, 9.1, 9.2], 0.3, UNDECIDED, FEW_ROWS),
        ([0.0], 0.002, UNDECIDED, ONE_TRAINING),
        ([], 0.002, UNDECIDED, ONE_TRAINING),
    ],
)
def test_verdicts_by_hand(d2, floor, verdict, reason):
    found = equivalence(runs(d2, floor), 0)
    assert (found.verdict, found.reason) == (verdict, reason)


def test_bounds_are_those_of_students_t():
    found = equivalence(runs([0.001, 0.003, 0.002]), 0)
    half = 2.9199855803537 * 0.001 / math.sqrt(3)
    assert found.high == pytest.approx(0.002 + half) and found.low == pytest.approx(-half)


def test_where_rows_are_few_only_the_mean_mismatch_can_refute():
    """The covariance of few rows makes D^2 of a perfect model large: digits, 2,144 moments of 179 rows, give 7."""
    far = equivalence(runs([9.0, 9.1, 9.2], 3.0, smooth=[0.33, 0.35, 0.34], smooth_floor=0.1), 0)
    assert (far.verdict, far.reason) == (NOT_MATCHED, BEYOND) and 0.1**2 < far.low < 0.24**2
    near = equivalence(runs([9.0, 9.1, 9.2], 3.0, smooth=[0.09, 0.1, 0.11], smooth_floor=0.1), 0)
    assert (near.verdict, near.reason) == (UNDECIDED, FEW_ROWS) and near.low == 0


def test_a_failed_training_is_not_matched_however_good_the_others():
    good = runs([0.0, 0.001])
    found = equivalence(good, 3)
    assert (found.verdict, found.reason) == (NOT_MATCHED, "3 of 5 failed")
    assert equivalence(runs([]), 2).reason == "2 of 2 failed"
    # a rule that drops them is wrong
    assert equivalence(good, 0).verdict == MATCHED


def cells(table, distance, seeds):
    """Verdicts on ``CELLS`` methods, each of ``seeds`` runs from those of this distance."""
    of, chosen = table[table["distance"] == distance], np.random.default_rng(0)
    return [equivalence(of.iloc[chosen.choice(len(of), seeds, replace=False)], 0).verdict for _ in range(CELLS)]


def share(verdicts, word):
    return np.mean([verdict == word for verdict in verdicts])


@pytest.fixture(scope="module")
def plane():
    return pool((0.0, 2 * MARGIN), PLANE, 16)


@pytest.fixture(scope="module")
def redwine():
    return pool((0.0, 2 * MARGIN), REDWINE, 8)


@pytest.mark.parametrize("seeds", SEEDS)
def test_an_oracle_is_matched_and_one_tilted_by_twice_the_margin_is_not(plane, seeds):
    assert share(cells(plane, 0.0, seeds), MATCHED) >= 0.9
    tilted = cells(plane, 2 * MARGIN, seeds)
    assert share(tilted, NOT_MATCHED) >= 0.9 and MATCHED not in tilted


def test_few_rows_cannot_tell(redwine):
    for distance in (0.0, 2 * MARGIN):
        assert set(cells(redwine, distance, 5)) == {UNDECIDED}
    # to call matched what is not rejected is wrong: most tilted runs are below their floor
    tilted = redwine[redwine["distance"] > 0]
    assert (tilted["smooth"] <= tilted["smooth_floor95"]).mean() >= 0.75


def rows_needed(statistics, samples, per_test):
    """Test rows from which the floor is below the margin, with ``per_test`` training rows for each test row.

    The floor is q (1/m + 1/n + 1/N) - K (1/m + 1/n), q the 95 % quantile of chi^2 with K degrees of freedom.
    """
    q = chi2.ppf(0.95, statistics)
    return (q * (1 + 1 / per_test) - statistics) / (MARGIN**2 - (q - statistics) / samples)


def test_the_number_of_rows_from_which_a_match_can_be_shown():
    needed = rows_needed(5, 5000, 8)
    assert needed == pytest.approx(849, abs=2) and rows_needed(77, 5000, 8) == pytest.approx(5930, rel=0.01)
    assert rows_needed(2144, 5000, 8) < 0
    n = round(needed)
    assert pool((0.0,), Sizes(5000, n, 8 * n, 2), 8)["d2_floor95"].mean() == pytest.approx(MARGIN**2, rel=0.1)


def at_the_margin(count=1500):
    """Methods exactly at the margin, whose three trainings differ."""
    errors = np.random.default_rng(1).normal(size=(count, 3))
    return [equivalence(runs(MARGIN**2 + 0.004 * of, 0.0), 0).verdict for of in errors]


def test_each_side_errs_in_one_case_of_twenty_at_the_margin():
    found = at_the_margin()
    for word in (MATCHED, NOT_MATCHED):
        assert share(found, word) == pytest.approx(0.05, abs=0.02)


def test_a_normal_quantile_in_place_of_students_errs_more_often(monkeypatch):
    def normal(values, tail):
        stderr = values.std() / math.sqrt(len(values))
        return Interval(values.mean(), values.std(), stderr, -ndtri(tail / 2) * stderr)

    monkeypatch.setattr(module, "interval", normal)
    assert share(at_the_margin(), MATCHED) > 0.09


@pytest.mark.slow
@pytest.mark.parametrize("dim", [2, 5, 11])
def test_power_at_the_sizes_of_the_sets_of_points(dim):
    """K = 5, 20 and 77 moments, 60 runs of each tilt."""
    table = pool((0.0, MARGIN, 2 * MARGIN), PLANE._replace(dim=dim), 60)
    for seeds in SEEDS:
        rates = {of: [share(cells(table, of, seeds), word) for word in (MATCHED, NOT_MATCHED)] for of in (0, 0.1, 0.2)}
        print(dim, seeds, rates)
        assert rates[0.1][0] <= 0.15 and rates[0.1][1] <= 0.15 and rates[0.2][0] == 0
        assert dim > 5 or (rates[0][0] >= 0.9 and rates[0.2][1] >= 0.9)
