"""The test of copies: against enumeration, for new draws, and for models that repeat their training data."""

import math

import pytest
import torch

from ebmbench.evaluation.metrics.copying import copying, nearest_distances
from tests.helpers.targets import generator


def draws(n, seed, dim=8):
    return torch.randn(n, dim, generator=generator(seed), dtype=torch.float64)


def test_distances_are_those_of_the_nearest_row():
    x, train = draws(40, 0), draws(70, 1)
    torch.testing.assert_close(nearest_distances(x, train), torch.cdist(x, train).min(1).values)
    assert nearest_distances(train[:5], train).max() == 0


def test_it_counts_pairs_and_half_of_ties():
    a, b = torch.tensor([0.0, 1.0, 1.0, 3.0]), torch.tensor([1.0, 2.0, 2.0])
    # 0 is below 3 of 3, each 1 below 2 and tied with 1, 3 below none
    found = copying(a, b, 4)
    assert found.value == pytest.approx((3 + 2.5 + 2.5) / 12) and found.n == 4
    assert copying(b, a, 3).value == pytest.approx(1 - found.value)
    assert math.isnan(copying(a[:1], b, 1).value)
    # chains that did not move
    assert math.isnan(copying(a, b, 0).value)


def repeated(share, noise, seed):
    """400 samples of which a share are noisy copies of 1,000 training rows, against 300 new rows."""
    train, new, held_out = draws(1000, 3 * seed), draws(400, 3 * seed + 1), draws(300, 3 * seed + 2)
    copies = train[:400] + noise * draws(400, 9000 + seed)
    taken = int(share * 400)
    samples = torch.cat([copies[:taken], new[taken:]])
    return copying(*(nearest_distances(rows, train) for rows in (samples, held_out)), 400)


def test_new_draws_are_at_a_half_within_two_errors_and_copies_above():
    fair = [repeated(0, 0, seed) for seed in range(100)]
    within = sum(abs(one.value - 0.5) < 2 * one.stderr for one in fair)
    # 95 of 100 are expected; 88 or fewer have a probability below .3 %
    assert within >= 89
    assert abs(sum(one.value for one in fair) / 100 - 0.5) < 3 * fair[0].stderr / 10
    found = [repeated(0.2, 0.1, seed) for seed in range(20)]
    # a fifth of copies: .5 * .8 + .2
    assert all(one.value - 0.5 > 2 * one.stderr for one in found)
    assert sum(one.value for one in found) / 20 == pytest.approx(0.6, abs=0.02)


def test_the_error_is_that_of_as_many_samples_as_they_are_worth():
    samples, held_out = draws(400, 1, 1)[:, 0], draws(100_000, 2, 1)[:, 0]
    many, few = copying(samples, held_out, 400), copying(samples, held_out, 100)
    assert few.value == many.value and few.stderr == pytest.approx(2 * many.stderr, rel=0.01)
    # repeated rows are worth no more: with their number as n_eff the error would be half as large
    assert copying(samples.repeat(4), held_out, 400).stderr == pytest.approx(many.stderr, rel=0.01)
    assert copying(samples.repeat(4), held_out, 1600).stderr == pytest.approx(many.stderr / 2, rel=0.01)
