"""Langevin kernels on targets with known laws."""

import pytest
import torch
from targets import generator

from ebmbench.samplers.mala import MALA
from ebmbench.samplers.ula import ULA


def standard_normal(x):
    return -0.5 * x.square().sum(-1)


def run(sampler, x, steps, seed=1):
    stream, state, acceptance = generator(seed), sampler.start(x), []
    for _ in range(steps):
        state, info = sampler.step(state, stream)
        acceptance.append(float(info.acceptance.mean()))
    return state, acceptance


def start(n=40_000):
    return torch.randn(n, 1, generator=generator(0), dtype=torch.float64)


@pytest.mark.parametrize("h", [0.5, 1.5])
def test_ula_has_its_biased_variance_and_mala_the_true_one(h):
    unadjusted = run(ULA(standard_normal, h), start(), 60)[0].x.var()
    adjusted = run(MALA(standard_normal, h), start(), 60)[0].x.var()
    assert float(unadjusted) == pytest.approx(1 / (1 - h / 4), abs=0.05)
    assert float(adjusted) == pytest.approx(1.0, abs=0.03)
    assert 1 / (1 - h / 4) > 1.1


def test_mala_leaves_a_skewed_bimodal_law_invariant():
    # .3 N(-1.5, .5^2) + .7 N(1.5, 1): exact draws stay exact draws
    def log_density(x):
        left = -0.5 * ((x + 1.5) / 0.5).square() + torch.tensor(0.3 / 0.5).log()
        right = -0.5 * (x - 1.5).square() + torch.tensor(0.7).log()
        return torch.logaddexp(left, right).sum(-1)

    n, stream = 60_000, generator(5)
    left = torch.rand(n, 1, generator=stream) < 0.3
    noise = torch.randn(n, 1, generator=stream, dtype=torch.float64)
    x = torch.where(left, -1.5 + 0.5 * noise, 1.5 + noise)
    expected = (0.3 * -1.5 + 0.7 * 1.5, 0.3 * (2.25 + 0.25) + 0.7 * (2.25 + 1))
    moved = run(MALA(log_density, 1.0), x, 20)[0].x
    biased = run(ULA(log_density, 1.0), x, 20)[0].x
    found = (float(moved.mean()), float(moved.square().mean()))
    assert found == pytest.approx(expected, abs=0.04)
    assert abs(float(biased.square().mean()) - expected[1]) > 0.1


def test_mala_rejects_what_is_not_finite():
    state, _ = run(MALA(lambda x: torch.where(x > 0, -x.square(), torch.nan).sum(-1), 1.0), torch.ones(100, 1), 10)
    assert bool((state.x > 0).all())


def test_parameters_get_no_gradient():
    scale = torch.ones((), requires_grad=True)
    state = ULA(lambda x: -scale * x.square().sum(-1), 0.1).start(torch.ones(3, 1))
    assert not state.gradient.requires_grad
    assert scale.grad is None
