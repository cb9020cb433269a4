"""The leapfrog map of Hamiltonian Monte Carlo and its log acceptance."""

import math

import pytest
import torch

from ebmbench.inference.samplers.hmc import HMC
from ebmbench.inference.samplers.target import Target, evaluate
from tests.helpers.targets import generator, standard_normal
from tests.helpers.wrong_samplers import EulerHMC, NoMomentumHMC

BETA, SIZE = 1.7, 0.25


def log_weight(x):
    return -0.5 * (x[:, 0].square() - 1).square() + (x[:, 1] * x[:, 0]).cos()


TARGET = Target(log_weight, standard_normal(2))


def energy(x, v):
    """H(x, v) up to a constant."""
    return 0.5 * x.square().sum(-1) - BETA * log_weight(x) + 0.5 * v.square().sum(-1)


def flow(sampler, s):
    """(x, v) -> (x', v'), ``(B, 4)``."""
    here = evaluate(TARGET, s[:, :2])
    there, velocity = sampler.trajectory(TARGET, here, s[:, 2:], SIZE, BETA)
    return torch.cat([there.x, velocity], 1)


def states(n=50):
    return torch.randn(n, 4, generator=generator(1), dtype=torch.float64).clamp(-1.5, 1.5)


def assert_reversible(sampler):
    flip = torch.tensor([1, 1, -1, -1])
    back = flow(sampler, flow(sampler, states()) * flip) * flip
    assert float((back - states()).abs().max()) < 1e-10


def assert_volume_preserving(sampler):
    """|det J| = 1, J by differences of fourth order."""
    step = 2e-3
    s = states()
    columns = []
    for unit in torch.eye(4, dtype=torch.float64):
        ahead, behind = flow(sampler, s + step * unit), flow(sampler, s - step * unit)
        far, back = flow(sampler, s + 2 * step * unit), flow(sampler, s - 2 * step * unit)
        columns.append((8 * (ahead - behind) - (far - back)) / (12 * step))
    determinants = torch.linalg.det(torch.stack(columns, 2))
    assert float((determinants.abs() - 1).abs().max()) < 1e-8


def differentiable(s, leapfrog):
    """Kick, drift, kick, written anew and with its graph."""
    x, v = s[:, :2], s[:, 2:]

    def kick(x):
        return torch.autograd.grad(-energy(x, x.detach() * 0).sum(), x, create_graph=True)[0]

    for _ in range(leapfrog):
        v = v + SIZE / 2 * kick(x)
        x = x + SIZE * v
        v = v + SIZE / 2 * kick(x)
    return torch.cat([x, v], 1)


@pytest.mark.parametrize("leapfrog", [1, 5])
def test_trajectories_are_reversible_and_preserve_volume(leapfrog):
    assert_reversible(HMC(SIZE, leapfrog))
    assert_volume_preserving(HMC(SIZE, leapfrog))
    with pytest.raises(AssertionError):
        assert_reversible(EulerHMC(SIZE, leapfrog))
    with pytest.raises(AssertionError):
        assert_volume_preserving(EulerHMC(SIZE, leapfrog))


@pytest.mark.parametrize("leapfrog", [1, 5])
def test_the_map_is_velocity_verlet_whose_jacobian_has_determinant_one(leapfrog):
    start = states().requires_grad_()
    assert torch.allclose(
        flow(HMC(SIZE, leapfrog), start.detach()), differentiable(start, leapfrog), rtol=0, atol=1e-12
    )
    for row in states(5):
        jacobian = torch.autograd.functional.jacobian(lambda s: differentiable(s[None], leapfrog)[0], row)
        assert abs(float(torch.linalg.det(jacobian))) == pytest.approx(1, abs=1e-10)


def assert_accepts_with_energies(sampler):
    """The acceptance of a step is min(1, exp(H - H')) of the trajectory from the velocity that its seed draws."""
    x = states(2000)[:, :2]
    state, info = sampler.step(TARGET, sampler.start(TARGET, x, generator()), generator(9), BETA)
    velocity = torch.randn(x.shape, generator=generator(9), dtype=torch.float64)
    end = flow(sampler, torch.cat([x, velocity], 1))
    change = energy(end[:, :2], end[:, 2:]) - energy(x, velocity)
    assert torch.allclose(info.drift, change, rtol=0, atol=1e-10)
    assert torch.allclose(info.acceptance, (-change).exp().clamp(max=1), rtol=0, atol=1e-10)
    assert float(info.acceptance.min()) < 0.95
    assert torch.equal(state.x, torch.where(info.moved[:, None], end[:, :2], x))


def test_the_log_acceptance_is_the_change_of_the_total_energy():
    assert_accepts_with_energies(HMC(SIZE, 3, jitter=0.0))
    with pytest.raises(AssertionError):
        assert_accepts_with_energies(NoMomentumHMC(SIZE, 3, jitter=0.0))


def test_jitter_spreads_the_step_length_evenly_and_for_all_chains_alike():
    # on a slope of one a step of length l from 0 ends at l v + l^2 / 2 and is never rejected
    target, lengths = Target(lambda x: x.sum(-1)), []
    start = HMC().start(target, torch.zeros(20, 1, dtype=torch.float64), generator())
    for seed in range(400):
        state, _ = HMC(0.5, 1, jitter=0.2).step(target, start, generator(seed))
        v = torch.randn(20, 1, generator=generator(seed), dtype=torch.float64)
        length = ((v.square() + 2 * state.x).sqrt() - v)[v > 0]
        assert float(length.max() - length.min()) < 1e-10
        lengths.append(float(length[0]))
    spread = torch.tensor(lengths)
    deviation = 0.2 / math.sqrt(12)
    assert 0.4 <= float(spread.min()) < 0.405
    assert 0.595 < float(spread.max()) <= 0.6
    assert abs(float(spread.mean()) - 0.5) < 3 * deviation / math.sqrt(400)
