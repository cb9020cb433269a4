"""Denoising score matching at several levels: closed forms on Gaussians, and what holds its levels together."""

import pytest
import torch
from torch import nn

from ebmbench.core.errors import UserError
from ebmbench.models.interface import Density, NoiseConditional
from ebmbench.training.losses.dsm import DenoisingScoreMatching
from ebmbench.training.losses.dsm_levels import MultiLevelDenoising
from tests.helpers.targets import Precision, generator

SIGMAS = torch.tensor([2.0, 0.8, 0.3], dtype=torch.float64)
VARIANCE = 1.5


class Levels(Density, NoiseConditional):
    """U(x, s) = c_k lambda(s) |x|^2 / 2 + r log s at level k, c: (L,) and r parameters."""

    dim = 1

    def __init__(self, precision, sigmas=SIGMAS, factor=1.0, rate=0.0):
        super().__init__()
        self.precision, self.sigmas = precision, sigmas
        self.factors = nn.Parameter(torch.full_like(sigmas, factor))
        self.rate = nn.Parameter(torch.tensor(rate, dtype=torch.float64))

    def log_density(self, x):
        return -self.energy_at(x, self.sigmas[-1].expand(len(x)))

    def energy_at(self, x, sigma):
        factors = self.factors[(sigma[:, None] - self.sigmas).abs().argmin(1)]
        return 0.5 * factors * self.precision(sigma) * x.square().sum(-1) + self.rate * sigma.log()


def of_noisy_data(sigma):
    return 1 / (VARIANCE + sigma.square())


def of_least_noisy_data(sigma):
    """The level has no part in it, but for the graph."""
    return of_noisy_data(SIGMAS[-1]) + 0 * sigma


def rows(n=300_000, variance=VARIANCE):
    return variance**0.5 * torch.randn(n, 1, generator=generator(1), dtype=torch.float64)


def gradients(model, dual=0.0):
    MultiLevelDenoising(dual)(model, rows(), generator(2)).loss.backward()
    return model.factors.grad, float(model.rate.grad)


@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_value_on_a_gaussian(factor):
    # the mean over levels of 1/2 E (s c L (x + s e) - e)^2 with x ~ N(0, S)
    precision = factor * of_noisy_data(SIGMAS)
    errors = 0.5 * (SIGMAS.square() * precision.square() * VARIANCE + (SIGMAS.square() * precision - 1).square())
    loss = float(MultiLevelDenoising()(Levels(of_noisy_data, factor=factor), rows(), generator(2)).loss.detach())
    assert loss == pytest.approx(float(errors.mean()), abs=0.004)
    # the error of the score itself weighted by s^4, or one level for all, would be seen
    assert abs(float((SIGMAS.square() * errors).mean()) - loss) > 0.03
    assert all(abs(float(error) - loss) > 0.02 for error in errors)


def test_fixed_point_is_the_precision_of_the_noisy_data_at_every_level():
    right, _ = gradients(Levels(of_noisy_data))
    assert float(right.abs().max()) < 0.003
    for factor in (0.8, 1.2):
        wrong, _ = gradients(Levels(of_noisy_data, factor=factor))
        assert float((wrong / (factor - 1)).min()) > 0.01
    one_for_all, _ = gradients(Levels(of_least_noisy_data))
    assert float(one_for_all[:2].min()) > 0.02
    assert abs(float(one_for_all[2])) < 0.003


@pytest.mark.parametrize("sigma", [0.3, 2.0])
def test_one_level_is_denoising_score_matching_at_that_level(sigma):
    x = rows(50)
    one = Levels(of_noisy_data, torch.tensor([sigma], dtype=torch.float64), factor=0.7)
    plain = Precision(0.7 / (VARIANCE + sigma**2))
    terms, expected = MultiLevelDenoising()(one, x, generator(2)), DenoisingScoreMatching(sigma)(plain, x, generator(2))
    assert float(terms.loss.detach()) == pytest.approx(float(expected.loss.detach()), abs=1e-12)
    terms.loss.backward(), expected.loss.backward()
    chain = float(plain.value.grad) / (VARIANCE + sigma**2)
    assert float(one.factors.grad) == pytest.approx(chain, abs=1e-12)


def test_every_level_is_met_equally_often_and_the_first_row_meets_all():
    seen = []

    class Watched(Levels):
        def energy_at(self, x, sigma):
            seen.append(sigma.detach())
            return super().energy_at(x, sigma)

    for seed in range(20):
        MultiLevelDenoising()(Watched(of_noisy_data), rows(6), generator(seed))
    counts = [torch.isclose(sigma[:, None], SIGMAS).sum(0).tolist() for sigma in seen]
    assert counts == [[2, 2, 2]] * 20
    assert {round(float(sigma[0]), 6) for sigma in seen} == {2.0, 0.8, 0.3}


def test_the_dual_term_sees_a_constant_that_drifts_with_the_level():
    # U of the noisy data with its normalising constant has dU/dlog s = s^2 / (S + s^2) (1 - x^2 / (S + s^2))
    def normalised(rate):
        model = Levels(of_noisy_data, rate=rate)
        energy = model.energy_at
        model.energy_at = lambda x, sigma: energy(x, sigma) + 0.5 * (VARIANCE + sigma.square()).log()
        return model

    assert gradients(normalised(0.5))[1] == 0
    found = {rate: gradients(normalised(rate), dual=1.0) for rate in (0.0, 0.5)}
    assert abs(found[0.0][1]) < 0.01
    assert found[0.5][1] == pytest.approx(0.5, abs=0.01)
    # the right precisions stay where they are
    assert float(found[0.0][0].abs().max()) < 0.01


class Mixture(Density, NoiseConditional):
    """-log of q N(x; -5, 1 + s^2) + (1 - q) N(x; 5, 1 + s^2), logit q = logit .3 + a log(s / s_max)."""

    dim, sigmas = 1, SIGMAS

    def __init__(self, drift):
        super().__init__()
        self.drift = nn.Parameter(torch.tensor(drift, dtype=torch.float64))

    def log_density(self, x):
        return -self.energy_at(x, self.sigmas[-1].expand(len(x)))

    def energy_at(self, x, sigma):
        logit = torch.logit(torch.tensor(0.3)) + self.drift * (sigma / self.sigmas[0]).log()
        shares = torch.stack([logit.sigmoid().log(), (-logit).sigmoid().log()], 1)
        variance = 1 + sigma[:, None].square()
        parts = -0.5 * (x - torch.tensor([-5.0, 5.0])).square() / variance - 0.5 * variance.log()
        return -(shares + parts).logsumexp(1)


def test_only_the_dual_term_sees_weights_that_drift_from_level_to_level():
    modes = torch.where(torch.rand(100_000, 1, generator=generator(3)) < 0.3, -5.0, 5.0)
    x = modes.double() + torch.randn(100_000, 1, generator=generator(1), dtype=torch.float64)

    def slope(drift, dual):
        model = Mixture(drift)
        MultiLevelDenoising(dual)(model, x, generator(2)).loss.backward()
        return float(model.drift.grad)

    assert abs(slope(1.0, dual=0.0)) < 0.002
    assert slope(1.0, dual=1.0) > 0.05
    assert abs(slope(0.0, dual=1.0)) < 0.01


def test_cost_and_graph():
    terms = MultiLevelDenoising()(Levels(of_noisy_data), rows(5), generator())
    assert (terms.energy_evaluations, terms.gradient_evaluations) == (5, 5)
    assert terms.loss.requires_grad


def test_an_energy_without_levels_is_refused_in_one_line():
    with pytest.raises(UserError, match="exclude the cell or use family ebm_noise") as caught:
        MultiLevelDenoising()(Precision(1.0), rows(5), generator())
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match=r"dual = -1.0; allowed: 0 or more"):
        MultiLevelDenoising(-1.0)
