"""KALE is below KL whatever the energy, and its gradient in a base that moves weighs the draws."""

import math

import pytest
import torch

from ebmbench.training.losses.kale import donsker_varadhan, fenchel, log_partition
from tests.helpers.targets import generator

#: nodes of equal weight, the quantiles at midpoints, that stand for each of the two normals
NODES = 200_000

MEAN, VARIANCE = 1.0, 0.5
KL = 0.5 * (VARIANCE + MEAN**2 - 1 - math.log(VARIANCE))


def best(x):
    """-log dP/dB of P = N(1, 1/2) and B = N(0, 1), up to a constant."""
    return (x - MEAN).square() / (2 * VARIANCE) - x.square() / 2


ENERGIES = {
    "none": lambda x: 0 * x,
    "half of the best": lambda x: 0.5 * best(x),
    "more than the best": lambda x: 1.5 * best(x),
    "the best and a wave": lambda x: best(x) + 0.5 * torch.sin(4 * x),
    "linear": lambda x: -x,
    "steps": lambda x: -2 * torch.tanh(x),
    "the other sign": lambda x: -0.4 * best(x),
    "far apart": lambda x: 3 * torch.cos(2 * x) + 100,
}


@pytest.fixture(scope="module")
def nodes():
    """Of P and of B."""
    standard = torch.special.ndtri((torch.arange(NODES, dtype=torch.float64) + 0.5) / NODES)
    return MEAN + math.sqrt(VARIANCE) * standard, standard


@pytest.mark.parametrize("name", ENERGIES)
def test_no_energy_exceeds_the_divergence(nodes, name):
    s, t = (ENERGIES[name](x) for x in nodes)
    bound = float(donsker_varadhan(s, t))
    assert bound < KL - 0.005
    for delta in (-2.0, -0.1, 0.0, 0.1, 2.0):
        assert float(fenchel(s, t, log_partition(t) + delta)) <= bound + 1e-12


def test_the_best_energy_reaches_it_up_to_any_constant(nodes):
    assert pytest.approx(0.596574, abs=1e-6) == KL
    for constant in (0.0, 7.0):
        s, t = (best(x) + constant for x in nodes)
        assert float(donsker_varadhan(s, t)) == pytest.approx(KL, abs=1e-4)
        assert float(fenchel(s, t, log_partition(t))) == pytest.approx(KL, abs=1e-4)


def test_a_difference_of_means_is_no_bound(nodes):
    """E_B E - E_P E, a bound that forgets the log mean exp, is KL and the reverse KL together at the best energy."""
    s, t = (best(x) for x in nodes)
    reverse = 0.5 * (1 / VARIANCE + MEAN**2 / VARIANCE - 1 + math.log(VARIANCE))
    assert float(t.mean() - s.mean()) == pytest.approx(KL + reverse, abs=1e-3)
    assert reverse > 0.5


@pytest.mark.parametrize(("a", "slope"), [(0.0, -1.5), (0.8, -1.5), (0.8, 0.7)])
def test_the_gradient_in_the_base_is_that_of_weighted_draws(a, slope):
    """B = N(theta, 1), E = a x^2 / 2 + b x fixed: dKALE/dtheta = E_q[a y + b] = (a theta + b) / (1 + a).

    a = 0 and b = theta - m is the best linear energy for P = N(m, 1), where that is theta - m.
    """
    start = -0.5
    theta = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    x, noise = (torch.randn(1_000_000, generator=generator(seed), dtype=torch.float64) for seed in (1, 2))

    def energy(x):
        return 0.5 * a * x.square() + slope * x

    y = theta + noise
    (gradient,) = torch.autograd.grad(donsker_varadhan(energy(1 + x), energy(y)), theta)
    expected = (a * start + slope) / (1 + a)
    assert float(gradient) == pytest.approx(expected, abs=5e-3)
    # draws that are not weighed give the gradient of a difference of means
    (unweighted,) = torch.autograd.grad(energy(theta + noise).mean(), theta)
    assert a == 0 or abs(float(unweighted) - expected) > 0.1
