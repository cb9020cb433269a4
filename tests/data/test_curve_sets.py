"""Densities along curves against finer sums and against adaptive quadrature."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from ebmbench.core.seeds import generator
from ebmbench.data import curve, moons, swissroll, two_spirals

KERNELS = {
    moons: partial(curve.log_normal, sd=0.2),
    swissroll: partial(curve.log_normal, sd=0.2),
    two_spirals: partial(curve.log_smoothed_uniform, width=1 / 6, sd=0.1),
}


def points(module):
    """Points all over the box, its corners and points on the curve, ``(B, 2)``."""
    box = 12 * torch.rand(150, 2, dtype=torch.float64, generator=generator("curve")) - 6
    corners = torch.cartesian_prod(*[torch.tensor([-6.0, 6.0], dtype=torch.float64)] * 2)
    return torch.cat([box, corners, module.nodes(60).centre])


@pytest.mark.parametrize("module", KERNELS, ids=lambda module: module.__name__)
def test_twice_the_nodes_change_nothing(module):
    x, kernel = points(module), KERNELS[module]
    fine = curve.log_prob(x, module.nodes(2 * module.NODES), kernel)
    error = curve.log_prob(x, module.nodes(module.NODES), kernel) - fine
    assert error.abs().max() < 1e-6
    rough = curve.log_prob(x, module.nodes(module.NODES // 4), kernel)
    assert (rough - fine).abs().max() > 1e-4


def quadrature(integrand, low, high):
    """∫_low^high, adaptive."""
    value, _ = integrate.quad(integrand, low, high, epsabs=0, epsrel=1e-9, limit=2000, points=[(low + high) / 2])
    return value


def moons_density(x, y):
    def at(s):
        normal = stats.norm(scale=0.2).pdf
        upper = normal(x - 2 * math.cos(s) + 1) * normal(y - 2 * math.sin(s) + 0.2)
        lower = normal(x - 2 * (1 - math.cos(s)) + 1) * normal(y - 2 * (0.5 - math.sin(s)) + 0.2)
        return (upper + lower) / (2 * math.pi)

    return quadrature(at, 0, math.pi)


def swissroll_density(x, y):
    def at(s):
        normal = stats.norm(scale=0.2).pdf
        return normal(x - s * math.cos(s) / 5) * normal(y - s * math.sin(s) / 5) / (3 * math.pi)

    return quadrature(at, 1.5 * math.pi, 4.5 * math.pi)


def two_spirals_density(x, y):
    def smoothed(z):
        return 6 * (stats.norm.cdf(z / 0.1) - stats.norm.cdf((z - 1 / 6) / 0.1))

    def at(s):
        c = np.array([-s * math.cos(s), s * math.sin(s)]) / 3
        both = [smoothed(sign * x - c[0]) * smoothed(sign * y - c[1]) for sign in (1, -1)]
        return sum(both) / 2 * 2 * s / (3 * math.pi) ** 2

    return quadrature(at, 0, 3 * math.pi)


@pytest.mark.parametrize(
    ("toy", "density"),
    [
        (moons.Moons(), moons_density),
        (swissroll.Swissroll(), swissroll_density),
        (two_spirals.TwoSpirals(), two_spirals_density),
    ],
    ids=["moons", "swissroll", "two_spirals"],
)
def test_log_prob_is_the_integral(toy, density):
    x = toy.sample(6, generator("curve")).double()
    exact = np.array([density(*row) for row in x.tolist()])
    np.testing.assert_allclose(toy.log_prob(x).exp(), exact, rtol=1e-7)
    # at the mirrored point the density is another
    mirrored = toy.log_prob(x * torch.tensor([1.0, -1.0])).exp().numpy()
    assert np.abs(mirrored / exact - 1).max() > 0.1


def test_smoothed_uniform_far_in_both_tails():
    """Against the Gaussian mean over (0, w), which adaptive quadrature gives relative to its largest value."""
    width, sd = 1 / 6, 0.1

    def exact(z):
        nearest = min(max(z, 0.0), width)
        top = -((z - nearest) ** 2) / (2 * sd**2)
        value, _ = integrate.quad(
            lambda u: math.exp(-((z - u) ** 2) / (2 * sd**2) - top), 0, width, epsrel=1e-11, epsabs=0
        )
        return top + math.log(value / (width * sd * math.sqrt(2 * math.pi)))

    z = [-7.0, -0.3, 0.0, 0.05, 1 / 12, 0.2, 0.9, 7.0]
    found = curve.log_smoothed_uniform(torch.tensor(z, dtype=torch.float64), width, sd)
    np.testing.assert_allclose(found, [exact(value) for value in z], rtol=1e-9)
    # the plain difference of two distribution functions is 0 or all rounding there
    assert stats.norm.cdf(7.0 / sd) - stats.norm.cdf((7.0 - width) / sd) == 0


def test_points_of_one_call_do_not_meet():
    """Coordinates are shared between points: each point's value must be its own in any company."""
    x = torch.tensor([[0.5, -1.0], [0.5, 2.0], [-1.0, 0.5], [0.5, -1.0]])
    toy = swissroll.Swissroll()
    alone = torch.cat([toy.log_prob(row[None]) for row in x])
    np.testing.assert_allclose(toy.log_prob(x), alone, rtol=1e-13)
    assert alone[0] != alone[1]
