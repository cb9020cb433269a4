"""Gradients and Laplacians of all statistics against finite differences, noise against quadrature; wrong ones fail."""

import numpy as np
import pytest
import torch

from ebmbench import plugins
from ebmbench.statistics.fourier import Waves
from ebmbench.statistics.histograms import SoftBins
from ebmbench.statistics.modes import SoftCells
from ebmbench.statistics.products import Products
from ebmbench.statistics.radial import Bumps

D, STEP = 3, 1e-4


def rows(n, seed=1):
    """Skewed, correlated rows."""
    draws = torch.randn(n, D, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return draws + 0.3 * draws[:, :1].square() + 0.5


def differences(statistic, x):
    """Jacobian ``(B, K, D)`` and Laplacian ``(B, K)`` by central differences."""
    gradients, laplacian = [], 0
    for direction in torch.eye(D, dtype=torch.float64):
        ahead, behind = (statistic.value(x + sign * STEP * direction) for sign in (1, -1))
        gradients.append((ahead - behind) / (2 * STEP))
        laplacian = laplacian + (ahead - 2 * statistic.value(x) + behind) / STEP**2
    return torch.stack(gradients, 2), laplacian


def agrees(statistic):
    """Whether the derivatives are those of the value, to 1e-5 and 1e-4 of their size."""
    x = rows(40, 2)
    gradient, laplacian = differences(statistic, x)
    return torch.allclose(statistic.gradient(x), gradient, rtol=1e-5, atol=1e-5) and torch.allclose(
        statistic.laplacian(x), laplacian, rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("name", plugins.available("stats"))
def test_derivatives_are_finite_differences(name):
    assert agrees(plugins.load("stats", name).fit(rows(500)))


class UnscaledSlopes(SoftBins):
    def slopes(self, x):
        return super().slopes(x) * self.tau[:, None]


class UnscaledBends(SoftBins):
    def bends(self, x):
        return super().bends(x) * self.tau[:, None]


class WithoutSpread(SoftCells):
    def laplacian(self, x):
        shares = self._shares(x)
        return (shares * self._offsets(shares).square().sum(-1) / self.scale**4)[:, :-1]


class OneDimensionShort(Bumps):
    def laplacian(self, x):
        return super().laplacian(x) + self.value(x) / self.scales.square()


class SignOfSine(Waves):
    def gradient(self, x):
        return super().gradient(x).abs()


class OneFactor(Products):
    def gradient(self, x):
        u, (i, j) = self._standardised(x), self.pairs
        return u[:, j, None] * torch.diag(1 / self.scale)[i]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("histograms", UnscaledSlopes),
        ("histograms", UnscaledBends),
        ("modes", WithoutSpread),
        ("radial", OneDimensionShort),
        ("fourier", SignOfSine),
        ("second_moments", OneFactor),
    ],
)
def test_wrong_derivatives_are_found(name, wrong):
    statistic = plugins.load("stats", name).fit(rows(500))
    assert agrees(statistic)
    statistic.__class__ = wrong
    assert not agrees(statistic)


def noisy_means(statistic, x, sigma, nodes=12):
    """E T(x + sigma z) over rows and z by Gauss and Hermite's rule."""
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    grid = torch.cartesian_prod(*[torch.tensor(points)] * D)
    weight = torch.cartesian_prod(*[torch.tensor(weights / weights.sum())] * D).prod(1)
    values = statistic.value((x[:, None] + sigma * grid).flatten(0, 1))
    return (values.reshape(len(x), len(grid), -1) * weight[:, None]).sum(1).mean(0)


@pytest.mark.parametrize("name", plugins.available("stats"))
def test_what_noise_does_to_means_is_known_or_left_open(name):
    statistic, x, sigma = plugins.load("stats", name).fit(rows(500)), rows(20, 3), 0.4
    mean = statistic.value(x).mean(0)
    found, exact = statistic.under_noise(mean, sigma, D), noisy_means(statistic, x, sigma)
    if found is None:
        assert not torch.allclose(mean, exact, atol=1e-4)
        return
    torch.testing.assert_close(found, exact, rtol=0, atol=1e-8)
    if name not in ("none", "means", "correlations"):
        # a variance taken for a standard deviation
        assert not torch.allclose(statistic.under_noise(mean, sigma**2, D), exact, atol=1e-3)
