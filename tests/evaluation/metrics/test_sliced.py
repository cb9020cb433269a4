"""Sliced Wasserstein distance: exact shifts, one dimension, repeated sampling, and equal sizes on both sides."""

import math

import numpy as np
import pytest
import torch

from ebmbench.evaluation.metrics.equal_numbers import ComparedRows
from ebmbench.evaluation.metrics.sliced import _distance, _projections, projected, sliced_wasserstein


def draws(n, seed, dim=2):
    return torch.randn(n, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def side(rows, seed=0, n_eff=math.inf):
    return ComparedRows.of(projected(rows), n_eff, torch.Generator().manual_seed(seed))


def distance(x, y, size=None):
    return sliced_wasserstein(side(x), side(y), size or len(x))


def mean_distance(x, y, size):
    return _distance(side(x).subsets(size), side(y).subsets(size))


def test_shifted_rows_are_apart_by_the_shift_over_the_root_of_the_dimension():
    x = draws(100, 1, dim=3)
    shift = torch.tensor([1.0, 2.0, 2.0], dtype=torch.float64)
    found = distance(x + shift, x).value
    along = shift.numpy() @ _projections(3)
    assert found == pytest.approx(math.sqrt((along**2).mean()), rel=1e-9)
    assert found == pytest.approx(3 / math.sqrt(3), rel=0.1)
    assert found != pytest.approx(abs(along).mean(), rel=0.05)  # the order 1 for the order 2


def test_in_one_dimension_it_is_the_distance_of_sorted_rows():
    x, y = draws(60, 1, dim=1), 2 * draws(60, 2, dim=1) + 1
    expected = (x.sort(0).values - y.sort(0).values).square().mean().sqrt()
    assert distance(x, y).value == pytest.approx(float(expected))


def test_stderr_covers():
    shift = torch.tensor([2.0, 0.0], dtype=torch.float64)
    exact = math.sqrt(((shift.numpy() @ _projections(2)) ** 2).mean())
    found = [distance(draws(200, 2 * seed) + shift, draws(240, 2 * seed + 1), 100) for seed in range(50)]
    z = np.array([(estimate.value - exact) / estimate.stderr for estimate in found])
    assert abs(z.mean()) < 0.6
    assert 0.7 < z.std() < 1.4
    assert not 0.7 < z.std() * 3 < 1.4  # the factor of the jackknife, blocks - 1, forgotten


def test_equal_distributions_are_equally_far_apart_whatever_the_numbers_of_rows():
    """159 rows of one model and 2,000 of another, of the same distribution: as many are compared."""
    few, many = (
        np.array([mean_distance(draws(n, 3 * seed), draws(400, 3 * seed + 1), 50) for seed in range(40)])
        for n in (159, 2000)
    )
    error = math.hypot(few.std(), many.std()) / math.sqrt(40)
    assert abs(few.mean() - many.mean()) < 3 * error < 0.15 * many.mean()
    # all that there are, as before: the smaller sample is farther from the same test rows
    old_few, old_many = (
        np.mean([mean_distance(draws(n, 3 * seed), draws(400, 3 * seed + 1), 2000) for seed in range(10)])
        for n in (159, 2000)
    )
    assert old_few > 1.25 * old_many and old_few - old_many > 6 * error


def test_the_directions_are_fixed_and_no_global_stream_is_used():
    x, y = draws(40, 1), draws(40, 2)
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    assert distance(x, y) == distance(x, y)
    assert (np.random.get_state()[1] == before).all()


def test_nineteen_rows_are_too_few():
    assert math.isnan(distance(draws(19, 1), draws(40, 2)).value)
    assert distance(draws(20, 1), draws(40, 2)).n == 20
