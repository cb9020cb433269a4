"""Costs of transport on the line against assignment, against scipy, and against integrals of quantiles."""

import numpy as np
import pytest
import torch
from scipy.optimize import linear_sum_assignment
from scipy.stats import wasserstein_distance

from ebmbench.evaluation.metrics.couplings import costs, sorted_columns


def columns(n, seed, k=3):
    return np.random.default_rng(seed).normal(size=(n, k)) * [1.0, 2.0, 0.3][:k] + [0.0, 1.0, -2.0][:k]


def cost(x, y, order):
    return costs(sorted_columns(torch.from_numpy(x)), sorted_columns(torch.from_numpy(y)), order)


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


def test_several_sets_of_rows_are_compared_each_with_its_own():
    x, y = (np.stack([columns(n, seed) for seed in seeds]) for n, seeds in ((7, (1, 2)), (5, (3, 4))))
    found = cost(x, y, 2)
    assert found.shape == (2, 3)
    np.testing.assert_allclose(found, [cost(x[i], y[i], 2) for i in range(2)])
    assert not np.allclose(found, found[::-1])
