"""Noise contrast, marginal and conditional: values, fixed points in closed form, kinship with energy discrepancy."""

import math

import pytest
import torch
from torch import nn

from ebmbench.core.errors import UserError
from ebmbench.training.losses.cnce import ConditionalNoiseContrast
from ebmbench.training.losses.ed import EnergyDiscrepancy
from ebmbench.training.losses.nce import NoiseContrastiveEstimation
from tests.helpers.targets import Energy, Precision, Quadratic, generator, on_standard_normal


class Flat(nn.Module):
    """U = c."""

    def __init__(self, c):
        super().__init__()
        self.c = nn.Parameter(torch.tensor(c, dtype=torch.float64))

    def forward(self, x):
        return self.c + 0 * x.sum(-1)


def wavy():
    return Energy(lambda x: (2 * x).sin().sum(-1) + 0.5 * x.square().sum(-1), 1)


def rows(n, seed=1, dim=1):
    return torch.randn(n, dim, generator=generator(seed), dtype=torch.float64)


@pytest.mark.parametrize("nu", [1, 5])
def test_value_where_the_model_is_the_noise(nu):
    # log-odds -log nu everywhere
    expected = math.log1p(nu) + nu * math.log1p(1 / nu)
    loss = NoiseContrastiveEstimation(nu)(on_standard_normal(Flat(0.0), 1), rows(50), generator(2)).loss
    assert float(loss.detach()) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("nu", [1, 4])
def test_stationary_at_the_normalised_truth_and_not_elsewhere(nu):
    # data N(0, 1 / (1 + a)) on the base N(0, 1): U = a x^2 / 2 - log(1 + a) / 2 is the truth, with log Z = 0
    a = 0.8

    def gradients(shift):
        found = []
        for seed in range(60):
            tilt, constant = Quadratic(a, 0.0), Flat(-0.5 * math.log1p(a) + shift)
            model = on_standard_normal(nn.Module(), 1)
            model.network = _Sum(tilt, constant)
            x = rows(2000, seed) / math.sqrt(1 + a)
            loss = NoiseContrastiveEstimation(nu)(model, x, generator(500 + seed)).loss
            found.append(torch.stack(torch.autograd.grad(loss, [tilt.a, constant.c])))
        values = torch.stack(found)
        return values.mean(0) / (values.std(0) / math.sqrt(len(values)))

    assert bool((gradients(0.0).abs() < 4).all())
    # a density that is not normalised is seen, which no loss of energy differences could
    assert bool((gradients(0.3).abs() > 4).any())


class _Sum(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.first, self.second = first, second

    def forward(self, x):
        return self.first(x) + self.second(x)


def test_noise_needs_a_base_measure():
    with pytest.raises(UserError, match="loss nce: it samples a model's base measure"):
        NoiseContrastiveEstimation()(Precision(1.0), rows(5), generator())


def test_one_noise_point_is_energy_discrepancy_with_half_the_variance():
    # both are softplus(U(x) - U(x + N(0, 2t))): equal in distribution, compared over many draws
    energy, x = wavy(), rows(200_000)
    conditional = float(ConditionalNoiseContrast(s=1.0, noises=1)(energy, x, generator(3)).loss)
    discrepancy = float(EnergyDiscrepancy(t=0.5, M=1, w=1.0)(energy, x, generator(4)).loss)
    other = float(EnergyDiscrepancy(t=1.0, M=1, w=1.0)(energy, x, generator(4)).loss)
    assert conditional == pytest.approx(discrepancy, abs=0.005)
    assert abs(conditional - other) > 0.05


def gradient_at(precision, noises):
    found = []
    for seed in range(40):
        model = Precision(precision)
        loss = ConditionalNoiseContrast(s=2.0, noises=noises)(model, rows(4000, seed), generator(1000 + seed)).loss
        found.append(float(torch.autograd.grad(loss, model.value)[0]))
    values = torch.tensor(found)
    return float(values.mean()) / (float(values.std()) / math.sqrt(len(values)))


@pytest.mark.parametrize("noises", [1, 3])
def test_conditional_contrast_is_stationary_at_the_truth_and_not_elsewhere(noises):
    assert abs(gradient_at(1.0, noises)) < 4
    assert abs(gradient_at(1.15, noises)) > 4


def test_a_mean_of_logs_is_not_the_log_of_a_mean():
    # more points change the noise of the conditional contrast, but the value of energy discrepancy
    energy, x = wavy(), rows(100_000)
    several, one = (float(ConditionalNoiseContrast(noises=k)(energy, x, generator(3)).loss) for k in (8, 1))
    assert several == pytest.approx(one, abs=0.01)
    many, single = (float(EnergyDiscrepancy(t=0.5, M=k)(energy, x, generator(3)).loss) for k in (8, 1))
    assert abs(many - single) > 0.3


def test_costs():
    x = rows(10)
    assert NoiseContrastiveEstimation(3)(on_standard_normal(Flat(0.0), 1), x, generator())[2:] == (40, 0)
    assert ConditionalNoiseContrast(noises=3)(Precision(1.0), x, generator())[2:] == (40, 0)


@pytest.mark.parametrize("make", [lambda: NoiseContrastiveEstimation(0), lambda: ConditionalNoiseContrast(s=0.0)])
def test_impossible_settings_are_refused(make):
    with pytest.raises(ValueError, match=r"nu = 0; allowed: 1 or more|s = 0.0; allowed: above 0"):
        make()
