"""Annealed importance sampling and sequential Monte Carlo against models whose log Z is known."""

import math

import pytest
import torch
from torch import nn

from ebmbench.core.errors import UserError
from ebmbench.inference.likelihoods.ais import AIS
from ebmbench.inference.likelihoods.importance import Importance
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.likelihoods.smc import SMC
from ebmbench.inference.sampling import SampleSettings, normalise
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.families.kde import KDE
from ebmbench.models.statistics.means import Means
from ebmbench.models.statistics.none import NoStatistic
from tests.helpers.targets import (
    Counting,
    GaussianTilt,
    Quadratic,
    TwoModes,
    generator,
    on_standard_normal,
    training_data,
)

A, B = 1.0, 3.0


def problem_of(network, dim):
    return Problem(on_standard_normal(network, dim), torch.zeros(1, dim))


class CountedEnergy(nn.Module):
    """A network that counts its rows."""

    def __init__(self, network) -> None:
        super().__init__()
        self.counting = Counting(network)

    def forward(self, x):
        return self.counting(x)


@pytest.mark.parametrize("method", [AIS, SMC])
@pytest.mark.parametrize("dim", [3, 16])
def test_log_z_and_draws_of_a_gaussian_tilt(method, dim):
    settings = method(populations=8, particles=128, temperatures=60, refresh=20)
    result = settings.normalise(problem_of(Quadratic(A, B), dim), 4000, generator(1))
    truth = GaussianTilt(A, B, dim).log_z()
    assert (result.log_z.status, result.log_z.method) == ("ok", method.__name__)
    assert abs(result.log_z.value - truth) < 3 * result.log_z.stderr < 0.2
    assert abs(result.log_z.value) > 10 * result.log_z.stderr
    expected = torch.zeros(dim, dtype=torch.float64)
    expected[0] = -B / (1 + A)
    # of 4000 draws there are as many as independent ones as the particles make
    error = math.sqrt(0.5 / result.n_eff)
    assert float((result.samples.mean(0) - expected).abs().max()) < 4 * error
    assert abs(float(result.samples.var(0).mean()) - 0.5) < 4 * 0.5 * math.sqrt(2 / (dim * result.n_eff))
    assert result.samples.shape == (4000, dim)


@pytest.mark.parametrize("method", [AIS, SMC])
def test_the_errors_cover_the_truth_over_repetitions(method):
    quick = method(populations=8, particles=32, temperatures=8, refresh=0)
    truth, problem = GaussianTilt(3.0, 2.0, 3).log_z(), problem_of(Quadratic(3.0, 2.0), 3)
    runs = [quick.normalise(problem, 2, generator(seed)).log_z for seed in range(40)]
    scores = torch.tensor([(run.value - truth) / run.stderr for run in runs])
    assert 0.6 < float(scores.std()) < 1.4
    assert abs(float(scores.mean())) < 0.5
    assert sum(run.status == "ok" for run in runs) >= 39


@pytest.mark.parametrize("method", [AIS, SMC])
def test_two_modes_have_their_weights(method):
    modes, dim = TwoModes(2), 2
    settings = method(populations=8, particles=64, temperatures=40, refresh=5)
    runs = [settings.normalise(problem_of(modes, dim), 512, generator(seed)) for seed in range(10)]
    left = torch.tensor([float((run.samples[:, 0] < 0).double().mean()) for run in runs])
    values = torch.tensor([run.log_z.value for run in runs])
    error = float(left.std()) / math.sqrt(10)
    assert abs(float(left.mean()) - modes.left) < 3 * error
    assert abs(float(left.mean()) - 0.5) > 3 * error
    assert abs(float(values.mean())) < 3 * float(values.std()) / math.sqrt(10)
    # each run's effective number foretells how runs differ
    foretold = math.sqrt(modes.left * (1 - modes.left) / min(run.n_eff for run in runs))
    assert 0.3 * foretold < float(left.std()) < 2.5 * foretold


@pytest.mark.parametrize("method", [AIS, SMC])
def test_hopeless_weights_are_a_failure_with_a_reason(method):
    short = method(populations=2, particles=200, temperatures=1, moves=1, refresh=1)
    log_z = short.normalise(problem_of(Quadratic(400.0, 0.0), 16), 10, generator(2)).log_z
    assert log_z.status == "failed"
    assert "effective share" in log_z.reason


class Broken(nn.Module):
    def forward(self, x):
        return x.sum(-1) * torch.nan


class Hole(nn.Module):
    """Not a number where the pilot's few draws seldom are."""

    def forward(self, x):
        return torch.where(x[:, 0] > 2.3, torch.nan, 3 * x.square().sum(-1))


@pytest.mark.parametrize("method", [AIS, SMC])
@pytest.mark.parametrize("network", [Broken(), Hole()])
def test_a_density_that_is_not_finite_fails_and_does_not_raise(method, network):
    settings = method(populations=16, particles=32, temperatures=4, refresh=2)
    result = settings.normalise(problem_of(network, 2), 10, generator(3))
    assert result.log_z.status == "failed"
    assert "not finite" in result.log_z.reason
    assert result.n_eff == len(result.samples) == 0


@pytest.mark.parametrize("method", [AIS, SMC])
def test_the_cost_is_the_rows_that_the_energy_sees(method):
    network = CountedEnergy(Quadratic(A, B))
    settings = method(populations=3, particles=16, temperatures=5, moves=2, leapfrog=3, refresh=4)
    result = settings.normalise(problem_of(network, 2), 30, generator(3))
    assert result.cost == network.counting.cost


@pytest.mark.parametrize(
    ("method", "settings"),
    [
        (AIS, {"populations": 1}),
        (AIS, {"particles": 1}),
        (AIS, {"temperatures": 0}),
        (AIS, {"refresh": -1}),
        (SMC, {"leapfrog": 0}),
        (SMC, {"resample": 0.0}),
        (SMC, {"resample": 1.5}),
    ],
)
def test_impossible_settings_are_refused(method, settings):
    with pytest.raises(ValueError, match="; allowed: "):
        method(**settings)


def test_particles_start_at_a_normal_base_only_and_others_are_refused_with_the_choices():
    rows = torch.randn(200, 3, generator=generator(1))
    base = KDE(centres=50).build(training_data(rows), NoStatistic(), generator(2))
    problem = Problem(Tilted(base, None, Means(), rows).float(), rows)
    normal = Problem(on_standard_normal(Quadratic(0.5, 0.1), 3), rows)
    for way in (SMC(), AIS()):
        assert way.applies(normal) and not way.applies(problem)
    settings = SampleSettings(samples=50, bounds=0)
    with pytest.raises(
        UserError, match="likelihood: smc, ais cannot normalise this model; allowed for every model: importance"
    ):
        normalise(problem, [SMC(), AIS()], settings, generator(3))
    found = normalise(problem, [SMC(), Importance(points=2000)], settings, generator(3))
    assert found.log_z.status == "ok" and found.log_z.value == pytest.approx(0, abs=1e-6)
