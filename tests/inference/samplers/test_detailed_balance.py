"""Detailed balance of every Metropolis kernel on a non-Gaussian target, with proposals written anew."""

import math

import pytest
import torch
from torch.distributions import MultivariateNormal
from torch.distributions import Normal as Normal1

from ebmbench.inference.samplers.hmc import HMC
from ebmbench.inference.samplers.independence import IndependenceMetropolis
from ebmbench.inference.samplers.interface import metropolis
from ebmbench.inference.samplers.mala import MALA
from ebmbench.inference.samplers.random_walk import RandomWalk
from ebmbench.inference.samplers.target import Target, evaluate
from ebmbench.models.distributions.normal import Normal
from tests.helpers.distributions import assert_detailed_balance, assert_state_is_fresh, run
from tests.helpers.targets import generator
from tests.helpers.wrong_samplers import (
    DownhillRandomWalk,
    StaleHMC,
    UncorrectedMALA,
    UntemperedIndependence,
    WrongReverseMALA,
)

MEAN = torch.tensor([0.3, -0.2], dtype=torch.float64)
COVARIANCE = torch.tensor([[1.5, 0.4], [0.4, 1.0]], dtype=torch.float64)
H = 0.6


def log_weight(x):
    """Two modes along the first coordinate, a skewed ripple along the second."""
    return -0.8 * (x[:, 0].square() - 1).square() + (1.3 * x[:, 1] + 0.4 * x[:, 0]).sin()


TARGET = Target(log_weight, Normal(MEAN, COVARIANCE))


def log_pi(x, beta):
    return MultivariateNormal(MEAN, COVARIANCE).log_prob(x) + beta * log_weight(x)


def slope(x, beta):
    point = x.clone().requires_grad_()
    return torch.autograd.grad(log_pi(point, beta).sum(), point)[0]


def langevin(y, x, beta):
    return Normal1(x + H / 2 * slope(x, beta), math.sqrt(H)).log_prob(y).sum(-1)


def walk(y, x, beta):
    return Normal1(x, math.sqrt(H)).log_prob(y).sum(-1)


def from_base(y, x, beta):
    return MultivariateNormal(MEAN, COVARIANCE).log_prob(y)


def pairs(n=500):
    x, y = torch.randn(2, n, 2, generator=generator(2), dtype=torch.float64)
    return x, 1.5 * y


def assert_balanced(sampler, log_q, beta):
    def log_ratio(x, y):
        gradients = isinstance(sampler, MALA)
        return sampler.log_ratio(evaluate(TARGET, x, gradients), evaluate(TARGET, y, gradients), beta)

    assert_detailed_balance(lambda x: log_pi(x, beta), lambda y, x: log_q(y, x, beta), log_ratio, *pairs())


KERNELS = [(MALA(H), langevin), (RandomWalk(H), walk), (IndependenceMetropolis(), from_base)]
WRONG = [
    (WrongReverseMALA(H), langevin),
    (UncorrectedMALA(H), langevin),
    (DownhillRandomWalk(H), walk),
    (UntemperedIndependence(), from_base),
]


@pytest.mark.parametrize("beta", [0.25, 1.0, 3.0])
@pytest.mark.parametrize(("sampler", "log_q"), KERNELS)
def test_detailed_balance(sampler, log_q, beta):
    assert_balanced(sampler, log_q, beta)
    # another step size, or beta, of the proposal does not balance
    with pytest.raises(AssertionError):
        assert_balanced(sampler, lambda y, x, b: langevin(y, x, b + 0.01), beta)


@pytest.mark.parametrize(("wrong", "log_q"), WRONG)
def test_wrong_kernels_are_out_of_balance(wrong, log_q):
    with pytest.raises(AssertionError):
        assert_balanced(wrong, log_q, 3.0)


@pytest.mark.parametrize("beta", [0.25, 3.0])
@pytest.mark.parametrize(("sampler", "log_q"), KERNELS)
def test_a_step_accepts_with_the_ratio_of_its_own_proposal(sampler, log_q, beta):
    x = pairs(20_000)[0]
    state, info = sampler.step(TARGET, sampler.start(TARGET, x, generator()), generator(4), beta)
    moved, y = info.moved, state.x
    exact = log_pi(y, beta) + log_q(x, y, beta) - log_pi(x, beta) - log_q(y, x, beta)
    assert 0.1 < float(moved.double().mean()) < 0.95
    assert torch.allclose(info.acceptance[moved].log(), exact[moved].clamp(max=0), rtol=0, atol=1e-10)
    assert bool((y[~moved] == x[~moved]).all())
    assert bool((y[moved] != x[moved]).any(1).all())
    assert_moves_with(info.acceptance, moved)


def assert_moves_with(acceptance, moved):
    error = float((acceptance * (1 - acceptance)).sum().sqrt())
    assert abs(float((moved.double() - acceptance).sum())) < 3 * error


def test_the_choice_follows_its_probabilities():
    here, there = (evaluate(TARGET, rows, gradients=False) for rows in pairs(20_000))
    log_ratio = torch.randn(20_000, generator=generator(3), dtype=torch.float64)
    _state, acceptance, moved = metropolis(here, there, log_ratio, generator(5))
    assert torch.allclose(acceptance, log_ratio.exp().clamp(max=1), atol=1e-12)
    assert_moves_with(acceptance, moved)
    with pytest.raises(AssertionError):
        assert_moves_with(acceptance.square(), moved)


@pytest.mark.parametrize("sampler", [MALA(H), HMC(0.8, 3), RandomWalk(H), IndependenceMetropolis()])
def test_the_state_is_that_of_its_own_x(sampler):
    state, acceptance = run(sampler, TARGET, pairs()[0], 5)
    assert 0.05 < acceptance < 0.95
    assert_state_is_fresh(TARGET, state, gradients=state.weight_gradient is not None)


def test_a_stale_gradient_is_seen():
    state, acceptance = run(StaleHMC(0.8, 3), TARGET, pairs()[0], 5)
    assert acceptance < 0.95
    with pytest.raises(AssertionError):
        assert_state_is_fresh(TARGET, state, gradients=True)


@pytest.mark.parametrize("sampler", [MALA(1.0), HMC(0.4, 2), RandomWalk(1.0)])
def test_what_is_not_finite_is_rejected(sampler):
    holes = Target(lambda x: torch.where(x > 0, -x.square(), torch.nan).sum(-1))
    state, acceptance = run(sampler, holes, torch.ones(200, 1, dtype=torch.float64), 10)
    assert bool((state.x > 0).all())
    assert 0.1 < acceptance < 0.9


def test_parameters_get_no_gradient():
    scale = torch.ones((), requires_grad=True)
    target = Target(lambda x: -scale * x.square().sum(-1))
    for sampler in (MALA(0.1), HMC(0.1, 2)):
        state, _ = run(sampler, target, torch.ones(3, 1), 2)
        assert not any(part.requires_grad for part in state)
    assert not evaluate(target, torch.ones(3, 1), gradients=False).log_weight.requires_grad
    assert scale.grad is None
