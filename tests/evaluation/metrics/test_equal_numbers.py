"""Subsets of equal effective size, by closed forms and repeated sampling of weighted rows."""

import math

import numpy as np
import pytest
import torch

from ebmbench.evaluation.metrics.equal_numbers import ComparedRows, draws_worth, equal_distance
from ebmbench.evaluation.metrics.folded import beyond, folded_mean, folded_slope


def stream(seed):
    return torch.Generator().manual_seed(seed)


def normal(n, seed, dim=1):
    return torch.randn(n, dim, generator=stream(seed), dtype=torch.float64)


def weighted(n, of, seed):
    """``n`` rows resampled from ``of`` weighted ones of N(0, 1), and Kish's effective size (sum w)^2 / sum w^2."""
    x, w = normal(of, 3 * seed), normal(of, 3 * seed + 1).flatten().exp()
    chosen = torch.multinomial(w, n, replacement=True, generator=stream(3 * seed + 2))
    return x[chosen], min(n, float(w.sum() ** 2 / w.square().sum()))


def square_of_means(x, y):
    """E = 2 / size for equal distributions of variance 1: the bias of a distance at its plainest."""
    return float((x.mean(1) - y.mean(1)).square().mean())


def test_independent_rows_are_worth_their_number_and_all_are_taken_if_they_are_worth_no_more():
    assert draws_worth(100, 2000, 2000) == draws_worth(100, 150, math.inf) == 100
    assert draws_worth(100, 2000, 100) == draws_worth(100, 2000, 40) == 2000
    # pairs of equal rows: 2 m rows are worth m, if they are chosen pair by pair; at random less are needed
    assert draws_worth(100, 2000, 1000) == pytest.approx(105, abs=1)


@pytest.mark.parametrize("of", [250, 1500])
def test_weighted_rows_are_worth_as_much_as_independent_ones(of):
    """1 / size + 1 / size of 50 rows, by means whose variance is known."""
    size, found, old = 50, [], []
    for seed in range(300):
        rows, n_eff = weighted(1000, of, seed)
        side, test = (ComparedRows.of(x, n, stream(seed)) for x, n in ((rows, n_eff), (normal(300, 9000 + seed), 300)))
        found.append(square_of_means(side.subsets(size), test.subsets(size)))
        old.append(square_of_means(rows[None, : int(n_eff)], test.rows[None]))
    error = np.std(found) / math.sqrt(len(found))
    assert np.mean(found) == pytest.approx(2 / size, abs=3 * error + 0.05 * 2 / size) and error < 0.15 * 2 / size
    # as many rows as n_eff, and all of the other side: another bias for every n_eff
    assert np.mean(old) != pytest.approx(2 / size, abs=3 * error + 0.05 * 2 / size)


def test_as_many_rows_as_their_worth_are_worth_less():
    """Rows that repeat each other are not independent because there are fewer of them."""
    rows, size = normal(100, 1).repeat(20, 1), 50
    means = [ComparedRows.of(rows, 100, stream(seed)).subsets(size).mean(1) for seed in range(40)]
    assert draws_worth(size, 2000, 100) > 1.8 * size
    assert all(len(of) == 10 for of in means)


def test_the_stderr_is_that_of_each_side_by_its_worth():
    """A mean of n_eff and one of 200 rows: sd^2 (1 / n_eff + 1 / 200) for the difference of two means."""

    def apart(x, y):
        return float(x.mean() - y.mean())

    found = []
    for seed in range(40):
        (rows, n_eff), test = weighted(1000, 400, seed), normal(200, 5000 + seed)
        sides = (ComparedRows.of(x, n, stream(seed)) for x, n in ((rows, n_eff), (test, 200)))
        found.append((n_eff, equal_distance(apart, *sides, 40)))
    claimed = math.sqrt(np.mean([each.stderr**2 for _, each in found]))
    spread = np.std([each.value for _, each in found])
    assert claimed == pytest.approx(spread, rel=0.3)
    assert {each.n for _, each in found} == {40}
    assert not math.isfinite(equal_distance(apart, *(ComparedRows.of(normal(50, 1), 50, stream(1)),) * 2, 19).value)


def test_folded_normals_are_those_of_simulation():
    mean, sd = torch.tensor([0.0, 0.3, -2.0, 1.5], dtype=torch.float64), torch.tensor([1.0, 0.5, 0.7, 0.0]).double()
    x = mean + sd * normal(200_000, 1)
    assert torch.allclose(folded_mean(mean, sd), x.abs().mean(0), atol=0.01)
    assert torch.allclose(beyond(mean, sd, torch.tensor(1.0).double()), (x.abs() > 1).double().mean(0), atol=0.01)
    moved = (folded_mean(mean + 1e-6, sd) - folded_mean(mean - 1e-6, sd)) / 2e-6
    assert torch.allclose(folded_slope(mean, sd), moved, atol=1e-6)
    assert not torch.allclose(folded_mean(mean, sd), mean.abs(), atol=0.1)
