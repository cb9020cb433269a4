"""Each way to log Z and draws, and the ways against each other on the same model."""

import math

import pytest
import torch
from targets import generator, training_data

from ebmbench.data.moons import Moons
from ebmbench.families.ebm import EBM
from ebmbench.families.expfam import ExponentialFamily
from ebmbench.families.gaussian import Gaussian
from ebmbench.families.oracle import Oracle
from ebmbench.sampling import SampleSettings, normalise
from ebmbench.statistics.moments import Moments
from ebmbench.statistics.none import NoStatistic

SETTINGS = SampleSettings(samples=4000, grid=180, particles=256, temperatures=60, refresh=20)


def rows(dim=2):
    return torch.randn(500, dim, generator=generator(1)) @ torch.tril(torch.ones(dim, dim))


def tilted():
    """An energy model with some structure: its network's weights doubled."""
    model = EBM(width=16, depth=2).build(training_data(rows()), Moments(), generator(2))
    with torch.no_grad():
        for parameter in model.network.parameters():
            parameter.mul_(2.5)
        model.eta.copy_(0.2 * torch.randn(5, generator=generator(3)))
    model.project()
    return model.requires_grad_(False)


def test_quadrature_and_annealing_agree_on_log_z_and_on_the_samples():
    model = tilted()
    exact = normalise(model, 12.0, SETTINGS, generator(4))
    annealed = normalise(model, None, SETTINGS, generator(5))
    assert exact.log_z.method == "quadrature"
    assert annealed.log_z.method == "AIS"
    assert abs(exact.log_z.value) > 0.05
    assert abs(exact.log_z.value - annealed.log_z.value) < 4 * annealed.log_z.stderr < 0.2
    noise = exact.samples.std(0) / math.sqrt(annealed.n_eff)
    assert bool(((exact.samples.mean(0) - annealed.samples.mean(0)).abs() < 5 * noise).all())
    # the base measure's own draws are seen to differ
    base = model.base.sample(4000, generator(6))
    assert bool(((exact.samples.mean(0) - base.mean(0)).abs() > 5 * noise).any())


def test_closed_form_agrees_with_quadrature():
    model = ExponentialFamily().build(training_data(rows()), Moments(), generator())
    with torch.no_grad():
        model.eta.copy_(0.3 * torch.randn(5, generator=generator(3)))
    model.project()
    closed = normalise(model, 12.0, SETTINGS, generator(4))
    assert (closed.log_z.method, closed.sampler) == ("closed form", "exact")
    model.gaussian = lambda: None
    summed = normalise(model, 12.0, SETTINGS, generator(4))
    assert summed.log_z.method == "quadrature"
    assert closed.log_z.value == pytest.approx(summed.log_z.value, abs=1e-4)


def test_normalised_families_and_the_oracle_of_real_rows():
    normal = normalise(
        Gaussian().build(training_data(rows(3)), NoStatistic(), generator()), None, SETTINGS, generator()
    )
    assert (normal.log_z.value, normal.log_z.method, normal.log_z.status) == (0.0, "normalised", "ok")
    assert normal.samples.shape == (4000, 3)
    held_out = normalise(
        Oracle().build(training_data(rows(3)), NoStatistic(), generator()), None, SETTINGS, generator()
    )
    assert held_out.log_z.status == "skipped"
    assert "not known" in held_out.log_z.reason
    assert len(held_out.samples) == held_out.n_eff == 500
    truth = normalise(
        Oracle().build(training_data(rows(), dataset=Moons()), NoStatistic(), generator()), 6.0, SETTINGS, generator()
    )
    assert truth.log_z.status == "ok"


@pytest.mark.parametrize("settings", [{"samples": 0}, {"grid": 100}, {"populations": 1}, {"moves": 0}])
def test_impossible_settings_are_refused(settings):
    with pytest.raises(ValueError, match="must be"):
        SampleSettings(**settings)
