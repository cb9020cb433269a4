"""Stationary distributions on Gaussian targets, one draw from each of many independent chains."""

import math

import pytest
import torch

from ebmbench.inference.samplers.hmc import HMC
from ebmbench.inference.samplers.independence import IndependenceMetropolis
from ebmbench.inference.samplers.kinetic import KineticLangevin
from ebmbench.inference.samplers.mala import MALA
from ebmbench.inference.samplers.random_walk import RandomWalk
from ebmbench.inference.samplers.ula import ULA
from tests.helpers.distributions import Distribution, assert_distribution, assert_invariant, run
from tests.helpers.targets import GaussianTilt, flat_gaussian, generator
from tests.helpers.wrong_samplers import (
    DownhillRandomWalk,
    LopsidedKinetic,
    NoMomentumHMC,
    StaleHMC,
    UncorrectedMALA,
    UntemperedIndependence,
    WrongReverseMALA,
)

CORRELATED = torch.tensor([[1.0, 0.8], [0.8, 1.5]], dtype=torch.float64)


def centred(p):
    """exp(-p x^2 / 2), and its distribution."""
    precision = torch.tensor([[p]], dtype=torch.float64)
    return flat_gaussian(precision), Distribution(torch.zeros(1, dtype=torch.float64), 1 / precision)


def adjusted(p):
    """Kernels that leave the distribution of precision ``p`` invariant, at about 50 % acceptance."""
    return [MALA(4 / p), HMC(1.85 / math.sqrt(p), 2), HMC(1.8 / math.sqrt(p), 5), RandomWalk(4.5 / p)]


@pytest.mark.parametrize("p", [0.5, 1.0, 4.0])
def test_adjusted_kernels_are_exact_at_half_acceptance(p):
    target, distribution = centred(p)
    for sampler in adjusted(p):
        assert 0.4 < assert_invariant(sampler, target, distribution) < 0.6


@pytest.mark.parametrize("p", [0.5, 1.0, 4.0])
@pytest.mark.parametrize("hp", [0.2, 1.0, 2.0])
def test_ula_has_its_own_variance(p, hp):
    target, distribution = centred(p)
    biased = distribution._replace(covariance=distribution.covariance / (1 - hp / 4))
    assert_invariant(ULA(hp / p), target, biased)
    with pytest.raises(AssertionError):
        assert_invariant(ULA(hp / p), target, distribution)
    # the step taken for a time, not a variance: x + h grad + sqrt(2 h) n
    with pytest.raises(AssertionError):
        assert_invariant(ULA(2 * hp / p) if hp < 2 else ULA(hp / 2 / p), target, biased)


@pytest.mark.parametrize("p", [0.5, 4.0])
@pytest.mark.parametrize("friction", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("share", [0.2, 0.7])
def test_kinetic_langevin_has_exact_positions_and_its_own_velocities(p, friction, share):
    h = 2 * share / math.sqrt(p)
    target, distribution = centred(p)
    state, _ = run(KineticLangevin(h, friction), target, distribution.sample(20_000, generator(3)), 60)
    assert_distribution(state.x, distribution)
    velocity = 1 + h**2 * p / (4 - h**2 * p)
    if math.exp(-2 * friction * h * 60) < 1e-3:
        assert_distribution(
            state.velocity, distribution._replace(covariance=torch.tensor([[velocity]], dtype=torch.float64))
        )


@pytest.mark.parametrize(
    "sampler",
    [MALA(1.5), HMC(1.2, 3), RandomWalk(1.5), KineticLangevin(0.5, 1.0)],
    ids=lambda sampler: type(sampler).__name__,
)
def test_a_correlated_distribution_in_two_dimensions(sampler):
    distribution = Distribution(torch.zeros(2, dtype=torch.float64), CORRELATED)
    target = flat_gaussian(torch.linalg.inv(CORRELATED))
    acceptance = assert_invariant(sampler, target, distribution, steps=60)
    assert sampler.target_acceptance is None or 0.4 < acceptance < 0.6


@pytest.mark.parametrize("beta", [0.3, 1.0, 3.0])
def test_a_tempered_tilt_of_the_base_measure(beta):
    tilt = GaussianTilt(k=4.0, e=1.0)
    p = tilt.precision(beta)
    distribution = Distribution(tilt.mean(beta), torch.tensor([[1 / p]], dtype=torch.float64))
    assert p == 1 + 4 * beta
    for sampler in [*adjusted(p), IndependenceMetropolis(), KineticLangevin(0.5 / math.sqrt(p))]:
        assert_invariant(sampler, tilt.target, distribution, beta)
    assert_invariant(ULA(1 / p), tilt.target, distribution._replace(covariance=distribution.covariance / 0.75), beta)
    if beta != 1:
        with pytest.raises(AssertionError):
            assert_invariant(MALA(4 / p), tilt.target, distribution)


def test_independence_accepts_half():
    tilt = GaussianTilt(k=5.0)
    distribution = Distribution(tilt.mean(), torch.tensor([[1 / 6]], dtype=torch.float64))
    assert 0.4 < assert_invariant(IndependenceMetropolis(), tilt.target, distribution) < 0.6


@pytest.mark.parametrize("beta", [0.5, 1.0, 10.0])
def test_a_latent_model_in_latent_and_data_space(beta):
    # E(x) = k x^2 / 2 + e x, x = G(z) = a z + c, z ~ N(0, 1)
    a, c, k, e = 1.5, 0.7, 2.0, -0.5
    latent = GaussianTilt(k, e, a=a, c=c)
    p = 1 + beta * k * a**2
    mean = -beta * a * (k * c + e) / p
    distribution = Distribution(torch.tensor([mean], dtype=torch.float64), torch.tensor([[1 / p]], dtype=torch.float64))
    decoded = Distribution(a * distribution.mean + c, a**2 * distribution.covariance)
    for sampler in adjusted(p):
        state, _ = run(sampler, latent.target, distribution.sample(20_000, generator(7)), 40, beta)
        assert_distribution(state.x, distribution)
        assert_distribution(latent.target.decode(state.x), decoded)
    assert_invariant(ULA(1 / p), latent.target, distribution._replace(covariance=distribution.covariance / 0.75), beta)
    with pytest.raises(AssertionError):
        assert_distribution(state.x, decoded)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (WrongReverseMALA(0.5), MALA(0.5)),
        (UncorrectedMALA(0.5), MALA(0.5)),
        (StaleHMC(1.5, 2), HMC(1.5, 2)),
        (NoMomentumHMC(1.0, 2), HMC(1.0, 2)),
        (DownhillRandomWalk(4.5), RandomWalk(4.5)),
    ],
    ids=lambda sampler: type(sampler).__name__,
)
def test_wrong_kernels_miss_the_distribution(wrong, right):
    target, distribution = centred(1.0)
    assert_invariant(right, target, distribution)
    with pytest.raises(AssertionError):
        assert_invariant(wrong, target, distribution)


def test_the_wrong_reverse_term_turns_mala_into_ula():
    eye = torch.eye(8, dtype=torch.float64)
    target, distribution = flat_gaussian(eye), Distribution(eye[0] * 0, eye)
    assert (
        assert_invariant(WrongReverseMALA(0.2), target, distribution._replace(covariance=eye / (1 - 0.2 / 4))) > 0.999
    )
    assert assert_invariant(MALA(0.2), target, distribution) < 0.99


def test_a_wrong_half_step_is_seen_in_the_positions():
    target, distribution = centred(1.0)
    with pytest.raises(AssertionError):
        assert_invariant(LopsidedKinetic(0.5, 1.0), target, distribution)
    assert_invariant(KineticLangevin(0.5, 1.0), target, distribution)


def test_independence_without_beta_misses_the_tempered_distribution():
    tilt = GaussianTilt(k=4.0, e=1.0)
    distribution = Distribution(tilt.mean(0.3), torch.tensor([[1 / tilt.precision(0.3)]], dtype=torch.float64))
    with pytest.raises(AssertionError):
        assert_invariant(UntemperedIndependence(), tilt.target, distribution, 0.3)
    assert_invariant(IndependenceMetropolis(), tilt.target, distribution, 0.3)
