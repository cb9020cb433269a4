"""Energy discrepancy against its Gaussian closed form, its identities and its fixed points."""

import math

import pytest
import torch
from targets import Energy, Precision, generator

from ebmbench.losses.ed import EnergyDiscrepancy


def closed_form(m, S, mu, V, t):
    """ED_t of data N(m, S) and model N(mu, V) in one dimension."""
    precision, delta = 1 / V, m - mu
    smooth = 1 / (V + t)
    own = 0.5 * precision * (S + delta**2) - 0.5 * smooth * (S + t + delta**2)
    return own - 0.5 * math.log(1 + t * precision)


def test_closed_form_has_its_known_values():
    assert closed_form(0, 1, 0, 1, 1) == pytest.approx(-0.5 * math.log(2), abs=1e-12)
    assert closed_form(0, 1, 0, 0.5, 0.3) == pytest.approx(-0.04750, abs=5e-6)


@pytest.mark.parametrize(("V", "t"), [(1.0, 1.0), (0.5, 0.3)])
def test_large_M_estimate_agrees_with_the_closed_form(V, t):
    x = torch.randn(20_000, 1, generator=generator(1), dtype=torch.float64)
    loss = EnergyDiscrepancy(t=t, M=500, w=0.0)(Precision(1 / V), x, generator(2)).loss.detach()
    assert float(loss) == pytest.approx(closed_form(0, 1, 0, V, t), abs=0.015)
    # t as a standard deviation, a fault of public code, would be seen
    assert abs(closed_form(0, 1, 0, V, t) - closed_form(0, 1, 0, V, t**2 if t != 1 else 2.0)) > 0.03


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
    plain = loss(energies(), batch(), generator()).loss
    assert float(loss(shifted, batch(), generator()).loss) == pytest.approx(float(plain), abs=1e-12)


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


def gradient_at_the_truth(M, w, t):
    """Mean gradient in the precision of N(0, 1) and its standard error, over batches."""
    gradients = []
    for seed in range(40):
        model = Precision(1.0)
        x = torch.randn(4000, 1, generator=generator(seed), dtype=torch.float64)
        EnergyDiscrepancy(t=t, M=M, w=w)(model, x, generator(1000 + seed)).loss.backward()
        gradients.append(float(model.value.grad))
    values = torch.tensor(gradients)
    return float(values.mean()), float(values.std()) / len(values) ** 0.5


@pytest.mark.parametrize(("M", "t"), [(1, 1.0), (4, 1.0), (4, 4.0)])
def test_w_one_is_stationary_at_the_truth_for_every_M_and_t(M, t):
    mean, stderr = gradient_at_the_truth(M, 1.0, t)
    assert abs(mean) < 4 * stderr


@pytest.mark.parametrize("w", [0.1, 4.0])
def test_other_w_are_not_stationary_at_the_truth(w):
    mean, stderr = gradient_at_the_truth(4, w, 1.0)
    assert abs(mean) > 4 * stderr


@pytest.mark.parametrize("settings", [{"t": 0.0}, {"M": 0}, {"w": -1.0}])
def test_impossible_settings_are_refused(settings):
    with pytest.raises(ValueError, match="t must be above 0"):
        EnergyDiscrepancy(**settings)
