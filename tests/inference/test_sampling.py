"""Each way to log Z and draws, the ways against each other on the same model, and the declared sampler beside them."""

import math

import pytest
import torch

from ebmbench.core.errors import UserError
from ebmbench.data.moons import Moons
from ebmbench.inference.likelihoods.ais import AIS
from ebmbench.inference.likelihoods.importance import Importance
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.likelihoods.quadrature import Quadrature
from ebmbench.inference.likelihoods.smc import SMC
from ebmbench.inference.samplers.descent import Descent
from ebmbench.inference.samplers.mala import MALA
from ebmbench.inference.samplers.ula import ULA
from ebmbench.inference.sampling import Methods, SampleSettings, sample
from ebmbench.models.families.ebm import EBM
from ebmbench.models.families.expfam import ExponentialFamily
from ebmbench.models.families.gaussian import Gaussian
from ebmbench.models.families.oracle import Oracle
from ebmbench.models.statistics.moments import Moments
from ebmbench.models.statistics.none import NoStatistic
from tests.helpers.targets import generator, training_data

SETTINGS = SampleSettings(samples=4000, chains=200, warmup=100, thin=4, bounds=32)
WAYS = (Quadrature(180), SMC(8, 128, 60, refresh=20))
METHODS = Methods(MALA(), WAYS)


def rows(dim=2):
    return torch.randn(500, dim, generator=generator(1)) @ torch.tril(torch.ones(dim, dim))


def tilted():
    """An energy model with some structure: its network's weights enlarged."""
    model = EBM(width=16, depth=2).build(training_data(rows()), Moments(), generator(2))
    with torch.no_grad():
        for parameter in model.network.parameters():
            parameter.mul_(2.5)
        model.eta.copy_(0.2 * torch.randn(5, generator=generator(3)))
    model.project()
    return model.requires_grad_(False)


def exponential_family():
    model = ExponentialFamily().build(training_data(rows()), Moments(), generator())
    with torch.no_grad():
        model.eta.copy_(0.3 * torch.randn(5, generator=generator(3)))
    model.project()
    return model


@pytest.mark.parametrize("way", [AIS(8, 128, 60, refresh=20), WAYS[1], Importance(40_000)])
def test_quadrature_and_weighted_particles_agree_on_log_z_and_on_the_draws(way):
    model = tilted()
    exact = sample(Problem(model, rows(), 12.0), METHODS, SETTINGS, generator(4)).model
    found = sample(Problem(model, rows()), Methods(MALA(), [way]), SETTINGS, generator(5)).model
    assert (exact.log_z.method, found.log_z.status) == ("quadrature", "ok")
    assert abs(exact.log_z.value) > 0.05
    assert abs(exact.log_z.value - found.log_z.value) < 4 * found.log_z.stderr < 0.2
    noise = exact.samples.std(0) / math.sqrt(found.n_eff)
    assert bool(((exact.samples.mean(0) - found.samples.mean(0)).abs() < 5 * noise).all())
    # the base measure's own draws are seen to differ
    base = model.base.sample(4000, generator(6))
    assert bool(((exact.samples.mean(0) - base.mean(0)).abs() > 5 * noise).any())


def test_the_first_way_that_applies_is_taken():
    problem = Problem(tilted(), rows(), 12.0)
    methods = [sample(problem, Methods(MALA(), ways), SETTINGS, generator()).model for ways in (WAYS, WAYS[::-1])]
    assert [found.log_z.method for found in methods] == ["quadrature", "SMC"]
    with pytest.raises(UserError, match="quadrature cannot normalise this model; allowed for every model: importance"):
        sample(problem._replace(box=None), Methods(MALA(), WAYS[:1]), SETTINGS, generator())


def test_log_z_by_quadrature_lies_between_its_bounds():
    log_z = sample(Problem(tilted(), rows(), 12.0), METHODS, SETTINGS, generator(4)).model.log_z
    lower, upper = log_z.diagnostics["log_z_lower"], log_z.diagnostics["log_z_upper"]
    assert lower < log_z.value < upper
    assert upper - lower == pytest.approx(log_z.diagnostics["log_z_gap"])
    assert upper - lower < 0.5
    without = SampleSettings(samples=4000, chains=200, warmup=100, thin=4, bounds=0)
    assert (
        "log_z_gap"
        not in sample(Problem(tilted(), rows(), 12.0), METHODS, without, generator()).model.log_z.diagnostics
    )


def test_the_sampler_and_the_model_are_two_distributions():
    problem = Problem(tilted(), rows(), 12.0)
    exact = sample(problem, METHODS, SETTINGS, generator(4))
    crude = sample(problem, Methods(ULA(3.0), WAYS), SETTINGS, generator(4)).generated
    variance = exact.model.samples.var(0)
    assert bool(((exact.generated.samples.var(0) - variance).abs() < 0.3 * variance).all())
    assert bool((crude.samples.var(0) > 1.5 * variance).any())
    assert (exact.generated.kind, crude.kind, crude.sampler) == ("invariant", "biased", "ula")
    assert exact.generated.mark == ""
    assert exact.generated.diagnostics.rhat <= 1.05


def test_inverse_temperature_reaches_the_chains_and_is_reported():
    problem = Problem(tilted(), rows(), 12.0)
    cold = SampleSettings(samples=4000, chains=200, warmup=100, thin=4, beta=30.0, bounds=0)
    found = sample(problem, METHODS, cold, generator(4)).generated
    warm = sample(problem, METHODS, SETTINGS, generator(4)).generated
    assert (found.beta, warm.beta) == (30.0, 1.0)
    assert float(problem.model.log_weight(found.samples).mean()) > float(problem.model.log_weight(warm.samples).mean())


def test_an_optimiser_and_stuck_chains_are_marked():
    problem = Problem(tilted(), rows(), 12.0)
    assert sample(problem, Methods(Descent(), WAYS), SETTINGS, generator()).generated.mark == "optimiser"
    frozen = Methods(ULA(1e-6), WAYS)
    assert sample(problem, frozen, SETTINGS, generator()).generated.mark == "unconverged"


def test_chains_that_explode_give_a_reason():
    found = sample(Problem(tilted(), rows(), 12.0), Methods(ULA(1e4), WAYS), SETTINGS, generator()).generated
    assert "of ula are not finite" in found.reason
    assert found.n_eff == 0


def test_closed_form_agrees_with_quadrature():
    problem = Problem(exponential_family(), rows(), 12.0)
    closed = sample(problem, METHODS, SETTINGS, generator(4))
    assert (closed.model.log_z.method, closed.generated.kind) == ("closed form", "exact")
    assert closed.generated.samples is closed.model.samples
    problem.model.closed_form = lambda: None
    summed = sample(problem, METHODS, SETTINGS, generator(4)).model
    assert summed.log_z.method == "quadrature"
    assert closed.model.log_z.value == pytest.approx(summed.log_z.value, abs=1e-4)


def test_normalised_families_and_the_oracle_of_real_rows():
    normal = Gaussian().build(training_data(rows(3)), NoStatistic(), generator())
    found = sample(normal, METHODS, SETTINGS, generator()).model
    assert (found.log_z.value, found.log_z.method, found.log_z.status) == (0.0, "normalised", "ok")
    assert found.samples.shape == (4000, 3)
    held_out = Oracle().build(training_data(rows(3)), NoStatistic(), generator())
    found = sample(held_out, METHODS, SETTINGS, generator()).model
    assert found.log_z.status == "skipped"
    assert "not known" in found.log_z.reason
    assert len(found.samples) == found.n_eff == 500
    truth = Oracle().build(training_data(rows(), dataset=Moons()), NoStatistic(), generator())
    assert sample(truth, METHODS, SETTINGS, generator()).model.log_z.status == "ok"


@pytest.mark.parametrize("settings", [{"samples": 0}, {"chains": 0}, {"thin": 0}, {"beta": 0.0}, {"bounds": 1}])
def test_impossible_settings_are_refused(settings):
    with pytest.raises(ValueError, match="; allowed: "):
        SampleSettings(**settings)
