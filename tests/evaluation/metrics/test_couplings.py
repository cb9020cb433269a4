"""Costs of transport on the line against assignment, against scipy, and against integrals of quantiles."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.stats import wasserstein_distance

from ebmbench.evaluation.metrics.couplings import Sorted, costs


def columns(n, seed, k=3):
    return np.random.default_rng(seed).normal(size=(n, k)) * [1.0, 2.0, 0.3][:k] + [0.0, 1.0, -2.0][:k]


def cost(x, y, order):
    return costs(Sorted.of(x), Sorted.of(y), order)


def test_rows_left_out_are_those_at_their_places():
    x = columns(20, 7)
    left = Sorted.of(x).without(3, 9)
    again = Sorted.of(np.delete(x, slice(3, 9), 0))
    assert len(left) == 14
    np.testing.assert_array_equal(left.values, again.values)
    # twice, by the places that all rows had
    np.testing.assert_array_equal(left.without(12, 20).values, np.sort(x[[0, 1, 2, 9, 10, 11]], axis=0).T)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_as_many_rows_are_assigned_at_the_least_cost(order):
    x, y = columns(40, 1), columns(40, 2)
    for k, found in enumerate(cost(x, y, order)):
        pairs = np.abs(x[:, k, None] - y[:, k]) ** order
        assert found == pytest.approx(pairs[linear_sum_assignment(pairs)].mean())
        # rows as they stand cost more
        assert found < 0.9 * pairs.diagonal().mean()


@pytest.mark.parametrize(("n", "m"), [(7, 12), (12, 7), (30, 10), (1, 5)])
def test_unequal_numbers_of_rows_share_their_mass(n, m):
    x, y = columns(n, 3), columns(m, 4)
    expected = [wasserstein_distance(x[:, k], y[:, k]) for k in range(3)]
    np.testing.assert_allclose(cost(x, y, 1), expected, rtol=1e-12)


def test_the_second_order_splits_rows_as_quantiles_do():
    """Each row as often as the least common multiple asks for, then one by one."""
    x, y = columns(6, 5), columns(4, 6)
    apart = np.sort(np.repeat(x, 2, axis=0), axis=0) - np.sort(np.repeat(y, 3, axis=0), axis=0)
    np.testing.assert_allclose(cost(x, y, 2), (apart**2).mean(0), rtol=1e-12)
    assert not np.allclose(cost(x, y, 2), np.abs(apart).mean(0) ** 2, rtol=1e-3)
