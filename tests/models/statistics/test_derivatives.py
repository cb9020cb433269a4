"""Gradients and Laplacians of all statistics against finite differences, noise against quadrature; wrong ones fail."""

import numpy as np
import pytest
import torch

from ebmbench.core import plugins
from ebmbench.models.statistics.fourier import Waves
from ebmbench.models.statistics.histograms import SoftBins
from ebmbench.models.statistics.image_centroid import Centroid
from ebmbench.models.statistics.image_filters import Responses
from ebmbench.models.statistics.image_ink import ImageInk
from ebmbench.models.statistics.image_spectrum import ImageSpectrum
from ebmbench.models.statistics.image_symmetry import ImageSymmetry
from ebmbench.models.statistics.image_variation import ImageVariation
from ebmbench.models.statistics.modes import SoftCells
from ebmbench.models.statistics.products import Products
from ebmbench.models.statistics.radial import Bumps

D, STEP = 3, 1e-4

#: every plug-in with numbers a row that it takes: images of one channel, and of three
CASES = [
    (name, dim) for name in plugins.available("statistic") for dim in ([16, 27] if name.startswith("image_") else [D])
]


#: their means are the same under noise
UNMOVED = {"none", "means", "correlations", "image_means", "image_correlation"}


def rows(n, seed=1, dim=D):
    """Skewed, correlated rows."""
    draws = torch.randn(n, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return draws + 0.3 * draws[:, :1].square() + 0.5


def differences(statistic, x):
    """Jacobian ``(B, K, D)`` and Laplacian ``(B, K)`` by central differences."""
    gradients, laplacian = [], 0
    for direction in torch.eye(x.shape[1], dtype=torch.float64):
        ahead, behind = (statistic.value(x + sign * STEP * direction) for sign in (1, -1))
        gradients.append((ahead - behind) / (2 * STEP))
        laplacian = laplacian + (ahead - 2 * statistic.value(x) + behind) / STEP**2
    return torch.stack(gradients, 2), laplacian


def agrees(statistic, dim=D):
    """Whether the derivatives are those of the value, to 1e-5 and 1e-4 of their size."""
    x = rows(40, 2, dim)
    gradient, laplacian = differences(statistic, x)
    return torch.allclose(statistic.gradient(x), gradient, rtol=1e-5, atol=1e-5) and torch.allclose(
        statistic.laplacian(x), laplacian, rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize(("name", "dim"), CASES)
def test_derivatives_are_finite_differences(name, dim):
    assert agrees(plugins.load("statistic", name).fit(rows(500, dim=dim)), dim)


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


class AnyChannel(ImageInk):
    def gradient(self, x):
        return super().gradient(x).sum(1, keepdim=True).expand(-1, 3, -1)


class EveryPixelMoved(ImageSymmetry):
    def laplacian(self, x):
        return torch.full((len(x), 1), 4.0, dtype=x.dtype)


class ConstantInk(Centroid):
    def laplacian(self, x):
        return super().laplacian(x) * 0


class OneEnd(ImageVariation):
    def laplacian(self, x):
        return super().laplacian(x) / 2


class NoNorm(Responses):
    def laplacian(self, x):
        return super().laplacian(x) * 1.01


class WithMean(ImageSpectrum):
    def laplacian(self, x):
        return super().laplacian(x) + 2 / 9


@pytest.mark.parametrize(
    ("name", "wrong", "dim"),
    [
        ("histograms", UnscaledSlopes, D),
        ("histograms", UnscaledBends, D),
        ("modes", WithoutSpread, D),
        ("radial", OneDimensionShort, D),
        ("fourier", SignOfSine, D),
        ("second_moments", OneFactor, D),
        ("image_ink", AnyChannel, 27),
        ("image_symmetry", EveryPixelMoved, 27),
        ("image_centroid", ConstantInk, 16),
        ("image_variation", OneEnd, 16),
        ("image_filters", NoNorm, 16),
        ("image_spectrum", WithMean, 27),
    ],
)
def test_wrong_derivatives_are_found(name, wrong, dim):
    statistic = plugins.load("statistic", name).fit(rows(500, dim=dim))
    assert agrees(statistic, dim)
    object.__setattr__(statistic, "__class__", wrong)
    assert not agrees(statistic, dim)


def noisy_means(statistic, x, sigma, nodes=12):
    """E T(x + sigma z) over rows and z: Gauss and Hermite's rule, in many dimensions a rule exact to third order."""
    dim = x.shape[1]
    if dim > D:
        axes = sigma * dim**0.5 * torch.eye(dim, dtype=torch.float64)
        return statistic.value((x[:, None] + torch.cat([axes, -axes])).flatten(0, 1)).mean(0)
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    grid = torch.cartesian_prod(*[torch.tensor(points)] * D)
    weight = torch.cartesian_prod(*[torch.tensor(weights / weights.sum())] * D).prod(1)
    values = statistic.value((x[:, None] + sigma * grid).flatten(0, 1))
    return (values.reshape(len(x), len(grid), -1) * weight[:, None]).sum(1).mean(0)


@pytest.mark.parametrize(("name", "dim"), CASES)
def test_what_noise_does_to_means_is_known_or_left_open(name, dim):
    statistic, x, sigma = plugins.load("statistic", name).fit(rows(500, dim=dim)), rows(20, 3, dim), 0.4
    mean = statistic.value(x).mean(0)
    found, exact = statistic.under_noise(mean, sigma, dim), noisy_means(statistic, x, sigma)
    if found is None:
        assert not torch.allclose(mean, exact, atol=1e-4)
        return
    torch.testing.assert_close(found, exact, rtol=0, atol=1e-8)
    if name not in UNMOVED:
        # a variance taken for a standard deviation
        assert not torch.allclose(statistic.under_noise(mean, sigma**2, dim), exact, atol=1e-3)
