"""Convergence and effective numbers of draws on chains whose answers are known."""

import math

import pytest
import torch

from ebmbench.core.cost import Cost
from ebmbench.inference.samplers.chains import Chains
from ebmbench.inference.samplers.diagnostics import diagnose, log_densities
from ebmbench.inference.samplers.mala import MALA
from tests.helpers.targets import GaussianTilt, flat_gaussian, generator


def chains_of(draws, evaluations=1000):
    return Chains(draws, MALA(0.1), 1.0, 0.5, 0.1, Cost(evaluations, evaluations))


def examined(draws, log_density=None):
    log_density = draws.square().sum(-1) if log_density is None else log_density
    return diagnose(chains_of(draws), log_density)


def independent(n=400, chains=8, dim=2):
    return torch.randn(n, chains, dim, generator=generator(1), dtype=torch.float64)


def correlated(rho, n=2000, chains=8):
    noise = independent(n, chains, 1)
    x = [noise[0]]
    for step in noise[1:]:
        x.append(rho * x[-1] + math.sqrt(1 - rho**2) * step)
    return torch.stack(x)


def stuck():
    """Half of the chains in either of two modes, six standard deviations apart."""
    sides = torch.tensor([-3.0, 3.0], dtype=torch.float64).repeat(4)
    return independent() + sides[:, None]


def test_independent_draws_converge_and_are_worth_their_number():
    found = examined(independent())
    assert found.converged
    assert found.rhat < 1.01
    assert 0.7 * 3200 < found.ess_bulk < 1.2 * 3200
    assert 0.6 * 3200 < found.ess_tail < 1.2 * 3200
    assert found.ess_per_evaluation == pytest.approx(min(found.ess_bulk, found.ess_tail) / 1000)
    assert (found.acceptance, found.drift) == (0.5, 0.1)


def test_chains_stuck_in_two_modes_have_not_converged():
    found = examined(stuck())
    assert found.rhat > 1.5
    assert not found.converged
    assert found.ess_bulk < 50
    # one mode alone looks well: only the chains of the other tell
    assert examined(stuck()[:, ::2]).converged


@pytest.mark.parametrize("coordinate", [0, 1])
def test_the_worst_coordinate_decides(coordinate):
    draws = independent()
    draws[:, :, coordinate] = stuck()[:, :, coordinate]
    assert not examined(draws, independent()[:, :, 0]).converged
    assert examined(independent(), independent()[:, :, 0]).converged


def test_the_log_density_counts_as_a_coordinate():
    assert not examined(independent(), stuck()[:, :, 0]).converged


def test_chains_that_drift_are_seen_by_their_halves():
    drifting = independent() + torch.linspace(-2, 2, 400, dtype=torch.float64)[:, None, None]
    assert not examined(drifting).converged


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_effective_number_of_an_autoregression(rho):
    draws = correlated(rho)
    found = examined(draws, independent(2000, 8, 1)[:, :, 0])
    expected = 16_000 * (1 - rho) / (1 + rho)
    assert found.ess_bulk == pytest.approx(expected, rel=0.2)
    # the effective number for the chain's squares is another
    assert rho == 0 or found.ess_bulk != pytest.approx(16_000 * (1 - rho**2) / (1 + rho**2), rel=0.2)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_draws_that_are_not_finite_have_infinite_rhat(value):
    draws = independent()
    draws[-1, 3, 1] = value
    found = examined(draws, independent()[:, :, 0])
    assert (found.rhat, found.ess_bulk, found.ess_tail, found.ess_per_evaluation) == (math.inf, 0, 0, 0)
    assert not found.converged


def test_chains_that_do_not_move_have_not_converged():
    frozen = independent()[:1].expand(400, 8, 2).clone()
    found = examined(frozen)
    assert not found.converged
    assert found.ess_bulk < 100
    together = examined(torch.ones(400, 8, 2, dtype=torch.float64))
    assert (together.rhat, together.ess_bulk, together.ess_tail) == (math.inf, 0, 0)


def test_many_chains_are_thinned_and_their_number_scaled_up():
    draws = independent(100, 600, 1)
    found = examined(draws, independent(100, 600, 1)[:, :, 0].roll(1, 0))
    assert 0.7 * 60_000 < found.ess_bulk < 1.3 * 60_000


def test_log_densities_are_those_of_the_chains_temperature():
    tilt, draws = GaussianTilt(k=2.0, e=-0.5, dim=2, a=1.5, c=0.7), independent(5, 3)
    beta = 3.0
    found = log_densities(chains_of(draws)._replace(beta=beta), tilt.target)
    p, mean = tilt.precision(beta), tilt.mean(beta)
    expected = -0.5 * p * (draws - mean).square().sum(-1)
    assert found.shape == (5, 3)
    # up to the constant; at another temperature the difference is no constant
    assert float((found - expected).std()) < 1e-12
    assert float((log_densities(chains_of(draws), tilt.target) - expected).std()) > 0.1
    precision = torch.eye(2, dtype=torch.float64)
    flat = log_densities(chains_of(draws), flat_gaussian(precision))
    assert torch.allclose(flat, -0.5 * draws.square().sum(-1))
