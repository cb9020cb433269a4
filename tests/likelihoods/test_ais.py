"""Annealed importance sampling against models whose log Z is known."""

import pytest
import torch
from targets import Quadratic, generator, on_standard_normal
from torch import nn

from ebmbench.likelihoods.ais import Schedule, normalise

SCHEDULE = Schedule(populations=8, particles=256, temperatures=100, moves=1, refresh=20)


@pytest.mark.parametrize("dim", [3, 16])
def test_log_z_of_a_gaussian_tilt(dim):
    a, b = 1.0, 2.0
    result = normalise(on_standard_normal(Quadratic(a, b), dim), SCHEDULE, 4000, generator(1))
    expected = float(Quadratic(a, b).log_z(dim).detach())
    assert result.log_z.status == "ok"
    assert abs(result.log_z.value - expected) < 4 * result.log_z.stderr < 0.4
    mean = result.samples.mean(0)
    assert float(mean[0]) == pytest.approx(-b / (1 + a), abs=0.1)
    assert float(mean[1:].abs().max()) < 0.1
    assert float(result.samples.var(0).mean()) == pytest.approx(1 / (1 + a), abs=0.05)


def test_hopeless_weights_are_a_failure_with_a_reason():
    short = Schedule(populations=2, particles=200, temperatures=1, moves=1, refresh=1)
    log_z = normalise(on_standard_normal(Quadratic(400.0, 0.0), 16), short, 10, generator(2)).log_z
    assert log_z.status == "failed"
    assert "effective share" in log_z.reason


def test_the_errors_cover_the_truth_over_repetitions():
    a, b, dim = 0.5, 1.0, 4
    expected = float(Quadratic(a, b).log_z(dim).detach())
    quick = Schedule(populations=8, particles=64, temperatures=20, moves=1, refresh=0)
    runs = [normalise(on_standard_normal(Quadratic(a, b), dim), quick, 10, generator(seed)).log_z for seed in range(30)]
    scores = torch.tensor([(run.value - expected) / run.stderr for run in runs])
    assert 0.5 < float(scores.std()) < 2.0
    assert abs(float(scores.mean())) < 0.8


def test_a_density_that_is_not_finite_fails_and_does_not_raise():
    class Broken(nn.Module):
        def forward(self, x):
            return x.sum(-1) * torch.nan

    result = normalise(on_standard_normal(Broken(), 2), SCHEDULE._replace(temperatures=2), 10, generator(3))
    assert result.log_z.status == "failed"
    assert len(result.samples) == 0
