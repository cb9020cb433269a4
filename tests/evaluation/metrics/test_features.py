"""Distances by features against closed forms of Gaussians, and against balls counted by hand."""

import math

import pytest
import torch

from ebmbench.evaluation.metrics import features
from ebmbench.evaluation.metrics.features import frechet_distance, kernel_distance, precision_recall
from tests.helpers.targets import generator


def rows(n, dim=4, seed=0, scale=1.0):
    return scale * torch.randn(n, dim, generator=generator(seed), dtype=torch.float64)


def exactly(x, mean, covariance):
    """Rows moved to have these moments."""
    x = x - x.mean(0)
    root = torch.linalg.cholesky(torch.cov(x.T))
    return mean + torch.linalg.solve_triangular(root, x.T, upper=False).T @ torch.linalg.cholesky(covariance).T


def test_frechet_distance_of_gaussians_is_known():
    """Of commuting covariances: |m|^2 + sum (s - t)^2."""
    s, t = torch.tensor([1.0, 2.0, 0.5]).double(), torch.tensor([1.5, 1.0, 0.5]).double()
    x = exactly(rows(200, 3), torch.zeros(3), torch.diag(s.square()))
    y = exactly(rows(300, 3, 1), torch.tensor([1.0, 0.0, 2.0]).double(), torch.diag(t.square()))
    found = frechet_distance(x, y)
    assert found.value == pytest.approx(5 + float((s - t).square().sum()), rel=1e-9) and found.n == 200
    assert frechet_distance(x, x).value == pytest.approx(0, abs=1e-9)
    assert math.isnan(frechet_distance(x[:19], y).stderr)


def test_the_error_of_a_frechet_distance_is_its_spread_over_draws():
    found = [frechet_distance(rows(500, 3, seed), rows(500, 3, seed + 100, 1.3)) for seed in range(60)]
    spread = torch.tensor([one.value for one in found]).std()
    stderr = torch.tensor([one.stderr for one in found]).mean()
    assert 0.7 < float(stderr / spread) < 1.4


def test_order_and_batches_of_the_same_images_change_nothing():
    x, y = rows(500).float(), rows(400, seed=1).float()
    shuffled = x[torch.randperm(500, generator=generator(2))]
    assert frechet_distance(shuffled, y).value == pytest.approx(frechet_distance(x, y).value, rel=1e-9)
    assert precision_recall(shuffled, y)[0] == precision_recall(x, y)[0]


def test_the_kernel_distance_is_zero_on_average_between_draws_of_one_distribution_and_known_of_others(monkeypatch):
    """E (x y + 1)^3 of independent x ~ N(m, 1), y ~ N(k, 1): 1 + 3 m k + 3 E x^2 E y^2 + E x^3 E y^3."""
    monkeypatch.setattr(features, "SUBSET", 500)

    def mean_kernel(m, k):
        second = (1 + m * m) * (1 + k * k)
        third = (m**3 + 3 * m) * (k**3 + 3 * k)
        return 1 + 3 * m * k + 3 * second + third

    x, y = rows(2000, 1), rows(2000, 1, 1) + 0.5
    expected = mean_kernel(0, 0) + mean_kernel(0.5, 0.5) - 2 * mean_kernel(0, 0.5)
    found = kernel_distance(x, y)
    assert abs(found.value - expected) < 4 * found.stderr < expected
    same = kernel_distance(x[:1000], x[1000:])
    assert abs(same.value) < 4 * same.stderr
    # as many as there are
    assert kernel_distance(x[:50], y[:40]).stderr > 0 and math.isnan(kernel_distance(x[:1], y).value)


def test_precision_and_recall_count_balls():
    """Real: 100 points at 0 ... 99; generated: 50 among them, 50 far off. The third neighbour is 2 or 3 away."""
    real = torch.arange(100.0)[:, None]
    generated = torch.cat([torch.arange(50.0)[:, None] + 0.25, 1000 + torch.arange(50.0)[:, None]])
    precision, recall = precision_recall(generated, real)
    assert precision.value == 0.5 and precision.stderr == pytest.approx(0.05)
    # the balls of generated points among them reach at most 3 beyond 49.25
    assert recall.value == pytest.approx(0.53) and recall.n == 100
    assert math.isnan(precision_recall(generated[:3], real)[0].value)
