"""Contrastive divergence: its chains' bias, its fixed point and its stop-gradient."""

import pytest
import torch
from targets import Precision, generator

from ebmbench.losses.cd import ContrastiveDivergence
from ebmbench.samplers.target import Target
from ebmbench.samplers.ula import ULA


def gradient(precision, **settings):
    model = Precision(precision)
    x = torch.randn(400_000, 1, generator=generator(1), dtype=torch.float64)
    ContrastiveDivergence(**settings)(model, x, generator(2)).loss.backward()
    return float(model.value.grad)


def fixed_point(step):
    """The precision L with S = (1 - step L / 2)^2 S + step for S = 1: the chain leaves the data's variance."""
    return 2 / step * (1 - (1 - step) ** 0.5)


@pytest.mark.parametrize("k", [1, 5])
def test_fixed_point_with_unadjusted_steps_is_off_the_truth_as_derived(k):
    step = 0.5
    assert fixed_point(step) == pytest.approx(1.1716, abs=1e-4)
    assert abs(gradient(fixed_point(step), k=k, step=step)) < 0.005
    assert abs(gradient(1.0, k=k, step=step)) > 0.02


def test_gradient_is_that_of_the_two_means_with_the_chain_fixed():
    model = Precision(0.7)
    x = torch.randn(50, 1, generator=generator(3), dtype=torch.float64)
    ContrastiveDivergence(k=3, step=0.1)(model, x, generator(4)).loss.backward()
    sampler, target, stream = ULA(0.1), Target(model.log_density), generator(4)
    state = sampler.start(target, x, stream)
    for _ in range(3):
        state = sampler.step(target, state, stream)[0]
    expected = 0.5 * (x.square().mean() - state.x.square().mean())
    assert float(model.value.grad) == pytest.approx(float(expected), abs=1e-12)


def test_penalty_adds_the_mean_squared_energies():
    x = torch.ones(6, 1, dtype=torch.float64)
    plain = ContrastiveDivergence(k=1, step=1e-12)(Precision(2.0), x, generator()).loss
    penalised = ContrastiveDivergence(k=1, step=1e-12, penalty=0.3)(Precision(2.0), x, generator()).loss
    assert float((penalised - plain).detach()) == pytest.approx(0.6, abs=1e-4)


def test_cost():
    terms = ContrastiveDivergence(k=10)(Precision(1.0), torch.ones(5, 1, dtype=torch.float64), generator())
    assert (terms.energy_evaluations, terms.gradient_evaluations) == (60, 50)
