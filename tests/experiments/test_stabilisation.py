"""The stabiliser's bias at finite M against known values, and its minimiser against the loss itself."""

import math

import pytest
import torch

from ebmbench.experiments.stabilisation import Stabilisation, minimiser, slopes
from ebmbench.training.losses.ed import EnergyDiscrepancy
from tests.helpers.targets import generator


@pytest.fixture(scope="module")
def bias():
    return Stabilisation(draws=50_000)._bias(generator(1)).set_index(["M", "w"])


def test_w_one_is_unbiased_for_every_number_of_negatives(bias):
    for M in (1, 2, 4, 16, 64):
        found = bias.loc[(M, 1.0)]
        assert abs(found["precision"] - 1) < 4 * found["stderr"]
        assert found["stderr"] < 0.08


@pytest.mark.parametrize(
    ("M", "w", "precision"), [(1, 0.1, 2.46), (1, 0.5, 1.33), (1, 2.0, 0.79), (1, 4.0, 0.66), (1, 16.0, 0.55)]
)
def test_other_w_have_their_known_bias(bias, M, w, precision):
    assert bias.loc[(M, w), "precision"] == pytest.approx(precision, abs=0.03)
    assert abs(precision - 1) > 0.1


@pytest.mark.parametrize(("w", "precision"), [(0.0, 1.16), (0.1, 1.11), (2.0, 0.94), (4.0, 0.86), (16.0, 0.70)])
def test_the_bias_is_smaller_with_sixteen_negatives(bias, w, precision):
    found = bias.loc[(16, w)]
    assert found["precision"] == pytest.approx(precision, abs=0.02 + 3 * found["stderr"])


def test_one_negative_without_a_stabiliser_has_no_minimiser(bias):
    assert math.isinf(bias.loc[(1, 0.0), "precision"])
    assert math.isfinite(bias.loc[(1, 0.1), "precision"])


@pytest.mark.parametrize("w", [0.1, 0.5, 4.0, 16.0])
def test_the_bias_shrinks_as_negatives_grow(bias, w):
    biases = [abs(bias.loc[(M, w), "precision"] - 1) for M in (1, 4, 16)]
    assert biases[0] > 1.05 * biases[1] > 1.05**2 * biases[2]


@pytest.mark.parametrize("M", [1, 16])
def test_a_large_w_halves_the_energy_whatever_the_number_of_negatives(M):
    x = torch.randn(80_000 // M, 1, generator=generator(6), dtype=torch.float64)
    negatives = EnergyDiscrepancy(M=M).negatives(x, generator(7))[..., 0]
    precision, stderr = minimiser(0.5 * torch.cat([x, negatives], 1).square(), 1000.0)
    assert precision == pytest.approx(0.505, abs=0.005 + 3 * stderr)
    assert stderr < 0.03


@pytest.mark.parametrize("w", [0.0, 0.5, 1.0])
def test_slopes_are_the_derivatives_of_the_loss(w):
    halves = torch.rand(50, 5, generator=generator(2), dtype=torch.float64)
    precision = torch.tensor(1.3, dtype=torch.float64, requires_grad=True)
    loss = EnergyDiscrepancy(M=4, w=w).of_energies(precision * halves)
    first = torch.autograd.grad(loss, precision, create_graph=True)[0]
    second = torch.autograd.grad(first, precision)[0]
    found = slopes(halves, 1.3, w)
    assert float(found[0].mean()) == pytest.approx(float(first.detach()), abs=1e-12)
    assert float(found[1].mean()) == pytest.approx(float(second), abs=1e-12)


def test_the_minimiser_is_where_the_loss_is_least():
    x = torch.randn(2000, 1, generator=generator(3), dtype=torch.float64)
    loss = EnergyDiscrepancy(M=4, w=0.5)
    halves = 0.5 * torch.cat([x, loss.negatives(x, generator(4))[..., 0]], 1).square()
    best, _ = minimiser(halves, 0.5)
    at, below, above = (float(loss.of_energies(factor * best * halves)) for factor in (1.0, 0.98, 1.02))
    assert at < below
    assert at < above


def test_fits_are_ordered_by_w():
    fits = Stabilisation(rows=1024, steps=400, seeds=1, learning_rate=0.04)._fits(generator(5))
    inner = fits[fits["x"].abs().between(0.99, 2.01)]
    error = (inner["energy"] - inner["x"] ** 2 / 2).groupby(inner["w"]).mean()
    assert error[0.1] > error[1.0] > error[4.0]
    assert abs(error[1.0]) < 0.35


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match="draws = 0; allowed: 1 or more"):
        Stabilisation(draws=0)
