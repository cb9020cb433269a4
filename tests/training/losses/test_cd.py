"""Contrastive divergence: its chains' bias, its fixed points and its stop-gradient."""

import pytest
import torch
from scipy.optimize import brentq

from ebmbench.core.errors import UserError
from ebmbench.inference.samplers.target import Target
from ebmbench.inference.samplers.ula import ULA
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training.losses.cd import ContrastiveDivergence
from tests.helpers.distributions import standard_errors
from tests.helpers.targets import Energy, Precision, Quadratic, generator


def gradient(precision, **settings):
    model = Precision(precision)
    x = torch.randn(400_000, 1, generator=generator(1), dtype=torch.float64)
    ContrastiveDivergence(**settings)(model, x, generator(2)).loss.backward()
    return float(model.value.grad)


def fixed_point(step):
    """The precision L with S = (1 - step L / 2)^2 S + step for S = 1: the chain leaves the data's variance."""
    return 2 / step * (1 - (1 - step) ** 0.5)


def variance_at_the_end(precision, variance, k, step):
    """Of chains from N(0, variance): z <- (1 - step L / 2) z + sqrt(step) n, k times."""
    for _ in range(k):
        variance = (1 - step * precision / 2) ** 2 * variance + step
    return variance


@pytest.mark.parametrize(("step", "precision"), [(0.01, 1.0025), (0.1, 1.0263), (0.5, 1.1716)])
def test_known_fixed_points_leave_the_variance_whatever_the_number_of_steps(step, precision):
    assert fixed_point(step) == pytest.approx(precision, abs=5e-5)
    for k in (1, 10):
        assert variance_at_the_end(fixed_point(step), 1.0, k, step) == pytest.approx(1, abs=1e-12)
        assert abs(variance_at_the_end(1.0, 1.0, k, step) - 1) > 2e-5


@pytest.mark.parametrize("k", [1, 5])
def test_fixed_point_with_unadjusted_steps_is_off_the_truth_as_derived(k):
    step = 0.5
    assert fixed_point(step) == pytest.approx(1.1716, abs=1e-4)
    assert abs(gradient(fixed_point(step), k=k, step=step)) < 0.005
    assert abs(gradient(1.0, k=k, step=step)) > 0.02


def test_gradient_is_that_of_the_two_means_with_the_chain_fixed():
    model = Precision(0.7)
    x = torch.randn(50, 1, generator=generator(3), dtype=torch.float64)
    ContrastiveDivergence(k=3, step=0.1)(model, x, generator(4)).loss.backward()
    sampler, target, stream = ULA(0.1), Target(model.log_density), generator(4)
    state = sampler.start(target, x, stream)
    for _ in range(3):
        state = sampler.step(target, state, stream)[0]
    expected = 0.5 * (x.square().mean() - state.x.square().mean())
    assert float(model.value.grad) == pytest.approx(float(expected), abs=1e-12)


def test_penalty_adds_the_mean_squared_energies():
    x = torch.ones(6, 1, dtype=torch.float64)
    plain = ContrastiveDivergence(k=1, step=1e-12)(Precision(2.0), x, generator()).loss
    penalised = ContrastiveDivergence(k=1, step=1e-12, penalty=0.3)(Precision(2.0), x, generator()).loss
    assert float((penalised - plain).detach()) == pytest.approx(0.6, abs=1e-4)


PENALTY = 0.3


def penalised_slopes(precision, constant, variance, k, step):
    """Slopes in L and c of the penalised contrast of U = L x^2 / 2 + c on N(0, variance), the chain fixed."""
    end = variance_at_the_end(precision, variance, k, step)
    fourth = 1.5 * precision * (variance**2 + end**2)
    in_precision = 0.5 * (variance - end) + PENALTY * (fourth + constant * (variance + end))
    in_constant = PENALTY * (precision * (variance + end) + 4 * constant)
    return in_precision, in_constant


def penalised_fixed_point(variance, k, step):
    """(L, c): c = -L (S + S_k) / 4 makes the second slope 0, whatever L is."""

    def constant(precision):
        return -0.25 * precision * (variance + variance_at_the_end(precision, variance, k, step))

    def slope(precision):
        return penalised_slopes(precision, constant(precision), variance, k, step)[0]

    precision = brentq(slope, 1e-6, 2 / variance)
    return precision, constant(precision)


def penalised_gradients(precision, constant, variance, k, step):
    """Slopes of the loss in L and c, ``(batches, 2)``."""
    found = []
    for seed in range(10):
        L, c = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (precision, constant))
        model = Energy(lambda x, L=L, c=c: 0.5 * L * x[:, 0].square() + c, 1)
        x = variance**0.5 * torch.randn(8000, 1, generator=generator(seed), dtype=torch.float64)
        loss = ContrastiveDivergence(k=k, step=step, penalty=PENALTY)(model, x, generator(100 + seed)).loss
        found.append(torch.stack(torch.autograd.grad(loss, (L, c))))
    return torch.stack(found)


@pytest.mark.parametrize(("variance", "relative"), [(1.0, 0.070), (0.02, 0.31)])
def test_a_penalty_with_a_free_constant_flattens_the_fixed_point(variance, relative):
    k, step = 10, 0.01
    precision, constant = penalised_fixed_point(variance, k, step)
    assert precision * variance == pytest.approx(relative, abs=0.005)
    at_rest = penalised_gradients(precision, constant, variance, k, step)
    assert all(abs(standard_errors(slopes, 0.0)) < 4 for slopes in at_rest.T)
    # not so at the fixed point without the penalty, nor where the constant is held at 0
    for other in ((1 / variance, -0.5), (precision, 0.0)):
        assert max(abs(standard_errors(slopes, 0.0)) for slopes in penalised_gradients(*other, variance, k, step).T) > 8
    # the derivation is of the loss elsewhere, too
    away = penalised_gradients(1.5 * precision, 0.1, variance, k, step)
    exact = penalised_slopes(1.5 * precision, 0.1, variance, k, step)
    assert all(abs(standard_errors(slopes, value)) < 4 for slopes, value in zip(away.T, exact, strict=True))


def test_short_runs_start_at_the_base_and_so_end_where_its_variance_has_come_to():
    base = Normal(torch.zeros(1).double(), torch.eye(1).double())
    x = 0.6 * torch.randn(400_000, 1, generator=generator(5), dtype=torch.float64)
    found = {}
    for from_base in (True, False):
        network = Quadratic(1.0, 0.0)
        loss = ContrastiveDivergence(k=3, step=0.5, from_base=from_base)
        loss(Tilted(base, network, NoStatistic(), x), x, generator(6)).loss.backward()
        found[from_base] = float(network.a.grad)
    for from_base, start in ((True, 1.0), (False, 0.36)):
        expected = 0.5 * (0.36 - variance_at_the_end(2.0, start, 3, 0.5))
        assert found[from_base] == pytest.approx(expected, abs=0.003)
    assert abs(found[True] - found[False]) > 0.004
    with pytest.raises(UserError, match="loss cd: it samples a model's base measure, and this family has none"):
        ContrastiveDivergence(from_base=True)(Precision(1.0), x, generator())


def test_cost():
    terms = ContrastiveDivergence(k=10)(Precision(1.0), torch.ones(5, 1, dtype=torch.float64), generator())
    assert (terms.energy_evaluations, terms.gradient_evaluations) == (60, 50)
