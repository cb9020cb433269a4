"""Denoising score matching: its value and its fixed point in closed form."""

import pytest
import torch

from ebmbench.training.losses.dsm import DenoisingScoreMatching
from tests.helpers.targets import Precision, generator


def mean_loss(precision, variance, sigma, n=400_000):
    x = variance**0.5 * torch.randn(n, 1, generator=generator(1), dtype=torch.float64)
    return DenoisingScoreMatching(sigma)(Precision(precision), x, generator(2))


@pytest.mark.parametrize(("precision", "sigma"), [(1.0, 0.3), (0.5, 1.0)])
def test_value_on_a_gaussian(precision, sigma):
    # 1/2 E (s L (x + s e) - e)^2 with x ~ N(0, 1)
    expected = 0.5 * ((sigma * precision) ** 2 + (sigma**2 * precision - 1) ** 2)
    terms = mean_loss(precision, 1.0, sigma)
    assert float(terms.loss.detach()) == pytest.approx(expected, abs=0.004)
    wrong_sign = 0.5 * ((sigma * precision) ** 2 + (sigma**2 * precision + 1) ** 2)
    assert abs(wrong_sign - expected) > 0.1


def test_fixed_point_is_the_precision_of_the_noisy_data():
    sigma, variance = 0.5, 1.5
    model = Precision(1 / (variance + sigma**2))
    x = variance**0.5 * torch.randn(400_000, 1, generator=generator(1), dtype=torch.float64)
    DenoisingScoreMatching(sigma)(model, x, generator(2)).loss.backward()
    clean = Precision(1 / variance)
    DenoisingScoreMatching(sigma)(clean, x, generator(2)).loss.backward()
    assert abs(float(model.value.grad)) < 0.004
    assert abs(float(clean.value.grad)) > 0.02


def test_cost_and_graph():
    terms = DenoisingScoreMatching()(Precision(1.0), torch.ones(5, 1, dtype=torch.float64), generator())
    assert (terms.energy_evaluations, terms.gradient_evaluations) == (5, 5)
    assert terms.loss.requires_grad
