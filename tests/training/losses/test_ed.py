"""Energy discrepancy: identities and bounds of the sample loss, and the distribution of its negatives."""

import math

import pytest
import torch

from ebmbench.training.losses.ed import EnergyDiscrepancy
from tests.helpers.targets import Energy, generator


def energies():
    return Energy(lambda x: (x**4).sum(-1) + x.sum(-1), 2)


def batch(n=64, dim=2):
    return torch.randn(n, dim, generator=generator(3), dtype=torch.float64)


@pytest.mark.parametrize(("M", "w"), [(1, 1.0), (4, 0.5), (4, 4.0)])
def test_a_constant_energy_gives_log_one_plus_w_over_M(M, w):
    flat = Energy(lambda x: 0 * x.sum(-1), 2)
    loss = EnergyDiscrepancy(M=M, w=w)(flat, batch(), generator()).loss
    assert float(loss) == pytest.approx(math.log(1 + w / M), abs=1e-12)


def test_a_constant_added_to_the_energy_changes_nothing():
    loss = EnergyDiscrepancy(t=0.5)
    shifted = Energy(lambda x: (x**4).sum(-1) + x.sum(-1) + 7.0, 2)
    plain = float(loss(energies(), batch(), generator()).loss)
    assert float(loss(shifted, batch(), generator()).loss) == pytest.approx(plain, abs=1e-12)
    tilted = Energy(lambda x: (x**4).sum(-1) + 1.1 * x.sum(-1), 2)
    assert abs(float(loss(tilted, batch(), generator()).loss) - plain) > 1e-3


def test_one_negative_and_w_one_is_conditional_noise_contrast():
    loss, x = EnergyDiscrepancy(t=0.5, M=1, w=1.0), batch()
    negative = loss.negatives(x, generator(5))[:, 0]
    contrast = energies().energy(x) - energies().energy(negative)
    expected = torch.logaddexp(torch.zeros_like(contrast), contrast).mean()
    assert float(loss(energies(), x, generator(5)).loss) == pytest.approx(float(expected), abs=1e-12)


def test_w_zero_with_one_negative_is_the_plain_contrast():
    loss, x = EnergyDiscrepancy(t=0.5, M=1, w=0.0), batch()
    negative = loss.negatives(x, generator(5))[:, 0]
    expected = (energies().energy(x) - energies().energy(negative)).mean()
    assert float(loss(energies(), x, generator(5)).loss) == pytest.approx(float(expected), abs=1e-12)


@pytest.mark.parametrize("t", [0.5, 2.0])
def test_w_zero_with_one_negative_has_no_lower_bound(t):
    # E L = E U(x) - E U(x + sqrt(2t) e) = -t for U = x^2 / 2, and any multiple for a multiple of U
    x = batch(n=100_000, dim=1)

    def found(precision, w):
        model = Energy(lambda x: 0.5 * precision * x.square().sum(-1), 1)
        return float(EnergyDiscrepancy(t=t, M=1, w=w)(model, x, generator(8)).loss)

    assert found(1.0, 0.0) == pytest.approx(-t, rel=0.03)
    assert found(1e4, 0.0) == pytest.approx(1e4 * found(1.0, 0.0), rel=1e-10)
    assert found(1e4, 1.0) > found(1.0, 1.0) > 0


def test_the_loss_is_never_below_log_w_over_M():
    steep = Energy(lambda x: 1e3 * x.square().sum(-1), 2)
    loss = EnergyDiscrepancy(M=4, w=0.1)(steep, batch(), generator()).loss
    assert float(loss) >= math.log(0.1 / 4)
    assert float(EnergyDiscrepancy(M=4, w=0.0)(steep, batch(), generator()).loss) < math.log(0.1 / 4)


def test_as_many_rows_as_negatives_does_not_broadcast():
    x = batch(n=4)
    loss = EnergyDiscrepancy(t=0.5, M=4)
    negatives = loss.negatives(x, generator(6))
    model = energies()
    rows = [
        math.log((1 + sum(float((model.energy(x[i : i + 1]) - model.energy(n[None])).exp()) for n in negatives[i])) / 4)
        for i in range(4)
    ]
    assert float(loss(model, x, generator(6)).loss) == pytest.approx(sum(rows) / 4, abs=1e-10)


def test_negatives_share_one_perturbation_of_variance_t():
    x = torch.zeros(50_000, 1, dtype=torch.float64)
    negatives = EnergyDiscrepancy(t=2.0, M=2).negatives(x, generator(7))[..., 0]
    covariance = torch.cov(negatives.T)
    assert torch.allclose(covariance, torch.tensor([[4.0, 2.0], [2.0, 4.0]], dtype=torch.float64), atol=0.1)


@pytest.mark.parametrize("settings", [{"t": 0.0}, {"M": 0}, {"w": -1.0}])
def test_impossible_settings_are_refused(settings):
    with pytest.raises(ValueError, match="; allowed: "):
        EnergyDiscrepancy(**settings)
