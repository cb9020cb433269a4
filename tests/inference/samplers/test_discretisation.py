"""What discretisation does to a Gaussian distribution, read off the affine map that a step is: no Monte Carlo."""

import math

import pytest
import torch
from scipy.optimize import brentq

from ebmbench.inference.samplers.kinetic import KineticLangevin
from ebmbench.inference.samplers.target import Target
from ebmbench.inference.samplers.ula import ULA
from tests.helpers.distributions import Distribution, assert_stationary, stationary
from tests.helpers.targets import GaussianTilt, flat_gaussian
from tests.helpers.wrong_samplers import LopsidedKinetic

#: step e of x + e grad + sqrt(2 e) n -> variance of the model whose chains have variance 1
MATCHED = {0.01: 0.995, 0.05: 0.974, 0.1: 0.947, 0.2: 0.887, 0.4: 0.724}


def diagonal(*values):
    return torch.diag(torch.tensor(values, dtype=torch.float64))


def zeros(n):
    return torch.zeros(n, dtype=torch.float64)


@pytest.mark.parametrize("p", [0.3, 1.0, 7.0])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("friction", [0.01, 1.0, 30.0])
def test_kinetic_positions_are_exact_for_every_step_and_friction(p, share, friction):
    h = 2 * share / math.sqrt(p)
    distribution = Distribution(zeros(2), diagonal(1 / p, 1 + h**2 * p / (4 - h**2 * p)))
    target = flat_gaussian(diagonal(p))
    assert_stationary(KineticLangevin(h, friction), target, distribution)
    with pytest.raises(AssertionError):
        assert_stationary(LopsidedKinetic(h, friction), target, distribution)
    # the velocity's variance is not that of the dynamics
    with pytest.raises(AssertionError):
        assert_stationary(KineticLangevin(h, friction), target, Distribution(zeros(2), diagonal(1 / p, 1.0)))


def test_kinetic_positions_of_a_correlated_distribution():
    covariance = torch.tensor([[1.0, 0.8], [0.8, 1.5]], dtype=torch.float64)
    found = stationary(KineticLangevin(0.6, 0.7), flat_gaussian(torch.linalg.inv(covariance)), 2)
    assert torch.allclose(found.covariance[:2, :2], covariance, rtol=0, atol=1e-10)
    assert float(found.covariance[:2, 2:].abs().max()) < 1e-10


@pytest.mark.parametrize("p", [0.3, 1.0, 7.0])
@pytest.mark.parametrize("hp", [0.1, 1.0, 3.9])
def test_ula_variance(p, hp):
    distribution = Distribution(zeros(1), diagonal(1 / p / (1 - hp / 4)))
    assert_stationary(ULA(hp / p), flat_gaussian(diagonal(p)), distribution)
    with pytest.raises(AssertionError):
        assert_stationary(
            ULA(hp / p), flat_gaussian(diagonal(p)), Distribution(zeros(1), diagonal(1 / p / (1 - hp / 2)))
        )


def test_ula_variance_of_a_correlated_distribution():
    # S / (1 - h / 4S) with S a matrix: the covariance (P - h P^2 / 4)^-1
    precision = torch.linalg.inv(torch.tensor([[1.0, 0.8], [0.8, 1.5]], dtype=torch.float64))
    distribution = Distribution(zeros(2), torch.linalg.inv(precision - 0.3 * precision @ precision / 4))
    assert_stationary(ULA(0.3), flat_gaussian(precision), distribution)


def test_means_of_a_latent_model_are_exact():
    tilt = GaussianTilt(k=2.0, e=-0.5, a=1.5, c=0.7)
    p = tilt.precision()
    assert_stationary(ULA(1 / p), tilt.target, Distribution(tilt.mean(), diagonal(1 / p / 0.75)))
    found = stationary(KineticLangevin(0.5, 1.0), tilt.target, 1)
    assert float(found.mean[0]) == pytest.approx(float(tilt.mean()[0]), abs=1e-10)
    assert float(found.mean[1]) == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize(("e", "variance"), MATCHED.items())
def test_a_model_matched_through_ula_chains_is_too_narrow(e, variance):
    p = (1 - math.sqrt(1 - 2 * e)) / e
    assert round(1 / p, 3) == variance
    # our h is the variance of the noise, twice that step
    h = 2 * e
    assert p == pytest.approx(2 * (1 - math.sqrt(1 - h)) / h, abs=1e-12)
    assert_stationary(ULA(h), flat_gaussian(diagonal(p)), Distribution(zeros(1), diagonal(1.0)))
    with pytest.raises(AssertionError):
        assert_stationary(ULA(e), flat_gaussian(diagonal(p)), Distribution(zeros(1), diagonal(1.0)))


@pytest.mark.parametrize("e", MATCHED)
def test_matching_the_chains_variance_finds_that_model(e):
    def excess(eta):
        # N(0, 1) tilted by -eta x^2 / 2: precision 1 + eta
        tilted = Target(lambda x: -0.5 * (1 + eta) * x.square().sum(-1))
        return float(stationary(ULA(2 * e), tilted, 1).covariance) - 1

    eta = brentq(excess, -0.5, 1 / e - 1, xtol=1e-13)
    assert 1 + eta == pytest.approx((1 - math.sqrt(1 - 2 * e)) / e, abs=1e-9)
