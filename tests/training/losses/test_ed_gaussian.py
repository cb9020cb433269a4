"""Energy discrepancy of Gaussians: its closed form against quadrature and divergences, the loss against the form."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import MultivariateNormal, kl_divergence

from ebmbench.training.losses.ed import EnergyDiscrepancy
from tests.helpers.distributions import standard_errors
from tests.helpers.gaussian_discrepancy import Gaussians, example, fitted, on_a_line
from tests.helpers.targets import Energy, generator

DIMS = (1, 2, 3)


def hermite(n, dim):
    """Points ``(n^dim, dim)`` and probabilities of Gauss and Hermite's rule for N(0, I)."""
    nodes, weights = (torch.from_numpy(a) for a in np.polynomial.hermite_e.hermegauss(n))
    points = torch.cartesian_prod(*[nodes] * dim).reshape(-1, dim)
    masses = torch.cartesian_prod(*[weights / weights.sum()] * dim).reshape(-1, dim).prod(-1)
    return points, masses


def by_quadrature(pair, t):
    """E U(x) - E U_t(y), U_t(y) = -log E exp(-U(y + sqrt(t) e)), every expectation by a product rule."""
    dim = len(pair.m)
    outer, masses = hermite(5, dim)
    inner, weights = hermite(40 if dim < 3 else 30, dim)
    x = pair.m + outer @ torch.linalg.cholesky(pair.S).T
    y = pair.m + outer @ torch.linalg.cholesky(pair.S + t * torch.eye(dim, dtype=torch.float64)).T
    smoothed = [(weights.log() - pair.energy(point + math.sqrt(t) * inner)).logsumexp(0) for point in y]
    return float(masses @ (pair.energy(x) + torch.stack(smoothed)))


def by_divergences(pair, t):
    """KL(p || p_U) - KL(p_t || p_U,t) + h(p) - h(p_t)."""
    noise = t * torch.eye(len(pair.m), dtype=torch.float64)
    data, model = (pair.m, pair.S), (pair.mu, torch.linalg.inv(pair.P))
    p, q = (MultivariateNormal(mean, covariance) for mean, covariance in (data, model))
    p_t, q_t = (MultivariateNormal(mean, covariance + noise) for mean, covariance in (data, model))
    return float(kl_divergence(p, q) - kl_divergence(p_t, q_t) + p.entropy() - p_t.entropy())


def wrong_forms(pair, t):
    """Slips of the closed form: t as a standard deviation, both means equal, tr t P in place of log det(I + t P)."""
    right = pair.discrepancy(t)
    eye = torch.eye(len(pair.m), dtype=torch.float64)
    traced = right + 0.5 * torch.logdet(eye + t * pair.P) - 0.5 * t * pair.P.trace()
    return pair.discrepancy(t**2), pair._replace(mu=pair.m).discrepancy(t), traced


def test_closed_form_has_its_known_values():
    assert float(on_a_line(0, 1, 0, 1).discrepancy(1.0)) == pytest.approx(-0.5 * math.log(2), abs=1e-12)
    assert float(on_a_line(0, 1, 0, 0.5).discrepancy(0.3)) == pytest.approx(-0.04750, abs=5e-6)


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("independent", [by_quadrature, by_divergences])
def test_closed_form_is_what_quadrature_and_divergences_give(independent, dim):
    pair, t = example(dim), 0.25
    found = independent(pair, t)
    assert float(pair.discrepancy(t)) == pytest.approx(found, abs=1e-9)
    for wrong in wrong_forms(pair, t):
        assert abs(float(wrong) - found) > 1e-3


@pytest.mark.parametrize("dim", DIMS)
def test_least_value_is_at_the_data_s_mean_and_covariance(dim):
    truth, t = fitted(example(dim)), 0.7
    mu, P = (value.clone().requires_grad_() for value in (truth.mu, truth.P))
    value = truth._replace(mu=mu, P=P).discrepancy(t)
    slopes = torch.autograd.grad(value, (mu, P))
    assert max(float(slope.abs().max()) for slope in slopes) < 1e-12
    eye = torch.eye(dim, dtype=torch.float64)
    least = -0.5 * float(torch.logdet(eye + t * truth.P))
    assert float(value.detach()) == pytest.approx(least, abs=1e-12)
    # any other mean or precision is worse
    others = [truth._replace(mu=truth.mu + 0.1), truth._replace(P=1.2 * truth.P), truth._replace(P=truth.P + 0.1 * eye)]
    assert all(float(other.discrepancy(t)) > least + 1e-4 for other in others)


def estimates(loss, pair, rows, batches=8):
    """The loss of ``pair`` on batches of rows of its data."""
    model = Energy(pair.energy, len(pair.m))
    return torch.stack(
        [loss(model, pair.rows(rows, generator(seed)), generator(100 + seed)).loss for seed in range(batches)]
    )


def own_y(pair, t):
    """What the loss would tend to with a y for each negative, U_2t(x) in place of U_t(y)."""
    eye = torch.eye(len(pair.m), dtype=torch.float64)
    around_x = pair.convolved(2 * t)._replace(S=pair.S)
    return pair.mean_energy() - around_x.mean_energy() - 0.5 * torch.logdet(eye + 2 * t * pair.P)


@pytest.mark.parametrize("dim", DIMS)
def test_large_M_estimate_agrees_with_the_closed_form(dim):
    pair, t = example(dim), 0.25
    found = estimates(EnergyDiscrepancy(t=t, M=250, w=0.0), pair, rows=1500)
    assert abs(standard_errors(found, float(pair.discrepancy(t)))) < 4
    # t as a standard deviation, a fault of public code, would be seen; so would one y for each negative
    for wrong in (pair.discrepancy(t**2), own_y(pair, t)):
        assert abs(standard_errors(found, float(wrong))) > 6


@pytest.mark.parametrize("M", [16, 32])
def test_few_negatives_without_a_stabiliser_estimate_too_low_a_loss(M):
    # bias of the log of a mean of M terms exp(-U): -Var / 2M; the terms' relative variance given y is
    # 2 / sqrt(3) exp(y^2 / 6) - 1 for U = x^2 / 2, t = 1, and its mean over y ~ N(0, 2) is 1
    pair = on_a_line(0, 1, 0, 1)
    found = estimates(EnergyDiscrepancy(t=1.0, M=M, w=0.0), pair, rows=12_000)
    exact = float(pair.discrepancy(1.0))
    assert abs(standard_errors(found, exact - 1 / (2 * M))) < 4
    assert standard_errors(found, exact) < -4


def test_with_a_fixed_stabiliser_many_negatives_are_consistent():
    pair = on_a_line(0, 1, 0, 1)
    exact = float(pair.discrepancy(1.0))

    def error(M, w):
        return float(estimates(EnergyDiscrepancy(t=1.0, M=M, w=w), pair, rows=4000).mean()) - exact

    few, more, many = (error(M, 4.0) for M in (8, 32, 128))
    assert few > 2 * more > 4 * many
    assert many < 0.06
    # a stabiliser that grows with M never fades
    assert error(128, 64.0) > 0.3


def in_one_plane(precision):
    """Rows N(0, 1) in the first coordinate and 0 in the second; energy x^2 / 2 + precision z^2 / 2."""
    zero = torch.zeros(2, dtype=torch.float64)
    diagonal = torch.tensor([1.0, precision], dtype=torch.float64)
    return Gaussians(zero, torch.diag(torch.tensor([1.0, 0.0], dtype=torch.float64)), zero, torch.diag(diagonal))


@pytest.mark.parametrize("t", [0.25, 1.0])
def test_a_direction_without_variance_leaves_the_discrepancy_without_a_bound(t):
    precisions = [1.0, 1e2, 1e4, 1e8]
    found = [float(in_one_plane(precision).discrepancy(t)) for precision in precisions]
    for value, precision in zip(found, precisions, strict=True):
        along = float(on_a_line(0, 1, 0, 1).discrepancy(t))
        across = -0.5 * (t * precision / (1 + t * precision) + math.log1p(t * precision))
        assert value == pytest.approx(along + across, abs=1e-9)
    assert found == sorted(found, reverse=True)
    assert found[-1] < -8
    # with variance there, a steeper energy is soon worse
    assert float(on_a_line(0, 1, 0, 1e-4).discrepancy(t)) > float(on_a_line(0, 1, 0, 1).discrepancy(t)) + 1000


@pytest.mark.parametrize("M", [1, 4])
def test_the_stabiliser_bounds_the_loss_of_rows_in_a_plane(M):
    x = torch.zeros(200, 2, dtype=torch.float64)
    x[:, 0] = torch.randn(200, generator=generator(1), dtype=torch.float64)

    def losses(w):
        models = [Energy(in_one_plane(precision).energy, 2) for precision in (1e2, 1e4, 1e6)]
        return [float(EnergyDiscrepancy(t=1.0, M=M, w=w)(model, x, generator(2)).loss) for model in models]

    falling = losses(0.0)
    assert falling[2] < 10 * falling[1] < 100 * falling[0] < 0
    stable = losses(1.0)
    assert min(stable) >= -math.log(M) - 1e-12
    assert stable[2] == pytest.approx(-math.log(M), abs=0.05)
