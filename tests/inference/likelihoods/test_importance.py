"""Importance sampling from the base measure and from a mixture with a flow."""

import math

import pytest
import torch
from torch import nn

from ebmbench.inference.likelihoods.importance import Importance
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.likelihoods.proposals import ProposalMixture, fitted_flow
from ebmbench.inference.samplers.tempering import log_mean
from ebmbench.models.distributions.normal import Normal
from tests.helpers.distributions import standard_errors
from tests.helpers.targets import Quadratic, generator, on_standard_normal, standard_normal


def problem_of(a, b, dim):
    """The tilt, and train rows of its own distribution."""
    network = Quadratic(a, b)
    rows = torch.randn(1000, dim, generator=generator(5)) / math.sqrt(1 + a)
    rows[:, 0] -= b / (1 + a)
    return Problem(on_standard_normal(network, dim), rows), float(network.log_z(dim).detach())


@pytest.mark.parametrize("settings", [Importance(40_000), Importance(20_000, 0.3, 30)], ids=["base", "mixture"])
def test_log_z_and_draws_of_a_gaussian_tilt(settings):
    problem, truth = problem_of(1.0, 1.0, 3)
    result = settings.normalise(problem, 3000, generator(1))
    assert result.log_z.status == "ok"
    assert abs(result.log_z.value - truth) < 3 * result.log_z.stderr < 0.05
    assert abs(result.log_z.value) > 30 * result.log_z.stderr
    error = math.sqrt(0.5 / min(result.n_eff, 3000))
    assert float((result.samples.mean(0) - torch.tensor([-0.5, 0, 0])).abs().max()) < 3.5 * error
    assert result.cost.energy_evaluations == settings.points


def test_a_flow_raises_the_effective_share_of_a_narrow_model():
    problem, truth = problem_of(8.0, 8.0, 3)
    base = Importance(20_000).normalise(problem, 10, generator(1)).log_z
    mixed = Importance(10_000, 0.3, 60).normalise(problem, 10, generator(1)).log_z
    # E w^2 / (E w)^2 in closed form
    twice = float(Quadratic(16.0, 16.0).log_z(3).detach())
    assert base.diagnostics["ess_fraction"] == pytest.approx(math.exp(2 * truth - twice), rel=0.3)
    assert mixed.diagnostics["ess_fraction"] > 5 * base.diagnostics["ess_fraction"]
    assert abs(mixed.value - truth) < 3 * mixed.stderr


def chi2(a):
    """E w^2 / (E w)^2 - 1 for w = exp(-a x^2 / 2), x ~ N(0, 1)."""
    return (1 + a) / math.sqrt(1 + 2 * a) - 1


def test_the_bias_estimate_is_the_bias():
    a, points, repetitions = 4.0, 256, 20_000
    x = torch.randn(repetitions, points, generator=generator(2), dtype=torch.float64)
    truth = -0.5 * math.log1p(a)
    errors = log_mean(-0.5 * a * x.square()) - truth
    # log z - (z - 1) has the bias of log z and little of its noise
    bias = errors - torch.expm1(errors)
    expected = -chi2(a) / (2 * points)
    assert float(bias.mean()) == pytest.approx(expected, rel=0.05)
    assert standard_errors(bias, 0.0) < -50
    problem, _ = problem_of(a, 0.0, 1)
    estimates = [
        Importance(points).normalise(problem, 1, generator(seed)).log_z.diagnostics["bias"] for seed in range(200)
    ]
    assert sum(estimates) / 200 == pytest.approx(expected, rel=0.15)


def test_the_errors_cover_the_truth_over_repetitions():
    problem, truth = problem_of(2.0, 1.0, 2)
    runs = [Importance(1024).normalise(problem, 1, generator(seed)).log_z for seed in range(100)]
    scores = torch.tensor([(run.value - truth) / run.stderr for run in runs])
    assert 0.8 < float(scores.std()) < 1.2
    assert abs(float(scores.mean())) < 0.3


def test_a_mixture_is_normalised_and_its_draws_are_its_own():
    wide = Normal(torch.tensor([2.0], dtype=torch.float64), torch.tensor([[0.25]], dtype=torch.float64))
    mixture = ProposalMixture(standard_normal(1), wide, 0.25)
    grid = torch.linspace(-9, 9, 20_001, dtype=torch.float64)[:, None]
    mass = torch.trapezoid(mixture.log_density(grid).exp(), grid[:, 0])
    assert float(mass) == pytest.approx(1, abs=1e-9)
    x = mixture.sample(40_000, generator(1))[:, 0]
    assert abs(standard_errors(x, 1.5)) < 3
    assert abs(standard_errors(x.square(), 0.25 * 1 + 0.75 * 4.25)) < 3
    # the shares the other way round
    assert abs(standard_errors(x, 0.5)) > 3
    # in random order: halves are alike
    assert abs(float(x[:20_000].mean() - x[20_000:].mean())) < 4 * float(x.std()) / 100


def test_a_fitted_flow_is_normalised():
    rows = torch.randn(500, 1, generator=generator(3)) * 0.5 + 1
    flow = fitted_flow(rows, 30, generator(4)).double()
    grid = torch.linspace(-60, 60, 60_001, dtype=torch.float64)[:, None]
    assert float(torch.trapezoid(flow.log_density(grid).exp(), grid[:, 0])) == pytest.approx(1, abs=1e-3)
    assert not any(parameter.requires_grad for parameter in flow.parameters())


def test_weights_that_are_not_finite_fail_and_do_not_raise():
    class Hole(nn.Module):
        def forward(self, x):
            return torch.where(x[:, 0] > 3, torch.nan, x[:, 0])

    result = Importance(10_000).normalise(Problem(on_standard_normal(Hole(), 2), torch.zeros(1, 2)), 10, generator(1))
    assert result.log_z.status == "failed"
    assert result.n_eff == len(result.samples) == 0


def test_hopeless_weights_fail_with_a_reason():
    problem, _ = problem_of(400.0, 0.0, 8)
    log_z = Importance(4000).normalise(problem, 10, generator(2)).log_z
    assert log_z.status == "failed"
    assert "effective share" in log_z.reason


@pytest.mark.parametrize("settings", [{"points": 31}, {"base_share": 0.0}, {"base_share": 1.1}, {"steps": 0}])
def test_impossible_settings_are_refused(settings):
    with pytest.raises(ValueError, match="; allowed: "):
        Importance(**settings)
