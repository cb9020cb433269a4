"""Distances by features against closed forms of Gaussians, and against balls counted by hand."""

import math

import pytest
import torch

from ebmbench.evaluation.metrics import features
from ebmbench.evaluation.metrics.features import (
    coverage,
    frechet_distance,
    frechet_distances,
    kernel_distance,
    precision_recall,
)
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


@pytest.mark.parametrize(("dim", "n", "m", "scale"), [(16, 300, 500, 1.0), (16, 300, 500, 1.2), (4, 200, 200, 1.0)])
def test_extrapolated_to_infinitely_many_the_frechet_distance_has_no_bias_and_a_fair_error(dim, n, m, scale):
    """Between N(0, I) and N(0, scale^2 I): D (scale - 1)^2."""
    found = [frechet_distances(rows(n, dim, seed), rows(m, dim, seed + 1000, scale)) for seed in range(50)]
    truth = dim * (scale - 1) ** 2
    plain, corrected = (
        torch.tensor([(getattr(of, name).value - truth, getattr(of, name).stderr) for of in found]).T
        for name in ("plain", "corrected")
    )
    error = float(corrected[0].std()) / math.sqrt(len(found))
    assert abs(float(corrected[0].mean())) < 3 * error < 0.4 * float(plain[0].mean())
    assert float((corrected[0].abs() < 2 * corrected[1]).double().mean()) >= 0.86
    assert float((plain[0].abs() < 2 * plain[1]).double().mean()) < 0.7


def test_too_few_rows_have_no_extrapolation():
    assert math.isnan(frechet_distances(rows(19), rows(30)).corrected.value)


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


def test_coverage_counts_the_balls_that_hold_a_sample():
    """Real: 0 ... 99, whose fifth neighbour is 3 away, or up to 5 at the ends. 50.25 is nearer than 3 to six."""
    real = torch.arange(100.0)[:, None]
    found = coverage(torch.full((50, 1), 50.25), real)
    assert found.value == pytest.approx(0.06) and found.n == 100
    assert found.stderr == pytest.approx(math.sqrt(0.06 * 0.94) / 10)
    # at the end: 96 is 3 away and so is its fifth neighbour; those of 97, 98 and 99 are further than 99
    assert coverage(torch.full((50, 1), 99.0), real).value == pytest.approx(0.03)
    assert coverage(1000 + real, real).value == 0
    assert math.isnan(coverage(real[:5], real).value)


def test_coverage_of_samples_from_the_distribution_of_the_images_is_31_of_32():
    found = coverage(rows(3000, 3), rows(3000, 3, 1))
    assert abs(found.value - 31 / 32) < 3 * found.stderr < 0.02
