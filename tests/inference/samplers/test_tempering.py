"""Annealed populations: unbiased weights, honest variances, levels of equal length, the way back."""

import math
from itertools import pairwise

import pytest
import torch

from ebmbench.core.cost import Cost
from ebmbench.inference.likelihoods.populations import of_weights
from ebmbench.inference.samplers import tempering
from ebmbench.inference.samplers.hmc import HMC
from ebmbench.inference.samplers.mala import MALA
from ebmbench.inference.samplers.target import Target
from ebmbench.inference.samplers.tempering import (
    Schedule,
    backward,
    effective_share,
    forward,
    log_mean,
    plan,
    resampled,
)
from tests.helpers.distributions import standard_errors
from tests.helpers.targets import Counting, GaussianTilt, flat_gaussian, generator, standard_normal

TILT = GaussianTilt(k=3.0, e=2.0, dim=2)
Z = math.exp(TILT.log_z())

#: four coarse levels whose steps differ much, with a kernel that mixes little: all the weight is on the weights
COARSE = Schedule([0.0, 0.1, 0.3, 0.6, 1.0], [MALA(0.1)] * 4, Cost())


def sweep(resample, shape=(3000, 16), seed=1, schedule=COARSE):
    return forward(TILT.target, schedule, shape, 1, resample, generator(seed))


def relative(swarm):
    """Z_p / Z of each population."""
    return (swarm.log_z - TILT.log_z()).exp()


@pytest.mark.parametrize("resample", [0.0, 0.5, 1.01])
def test_the_mean_weight_is_unbiased(resample):
    swarm = sweep(resample)
    assert bool((swarm.resamplings > 0).any()) == (resample > 0)
    assert abs(standard_errors(relative(swarm), 1.0)) < 3
    # its logarithm is not
    assert standard_errors(swarm.log_z, TILT.log_z()) < -3


def test_a_kernel_of_the_wrong_beta_is_biased():
    class Shifted(MALA):
        def step(self, target, state, generator, beta=1.0):
            return super().step(target, state, generator, min(1.0, beta + 0.2))

    wrong = COARSE._replace(kernels=[Shifted(0.5)] * 4)
    right = COARSE._replace(kernels=[MALA(0.5)] * 4)
    assert abs(standard_errors(relative(sweep(0.0, schedule=right)), 1.0)) < 3
    assert abs(standard_errors(relative(sweep(0.0, schedule=wrong)), 1.0)) > 3


@pytest.mark.parametrize("resample", [0.0, 0.5, 1.01])
def test_the_estimated_variance_is_that_of_the_populations(resample):
    """E[Z_p^2 V_p] = Var Z_p (Lee & Whiteley 2018) where V is not cut at nought."""
    swarm = sweep(resample, (4000, 48))
    assert_variance(relative(swarm), swarm.variance)
    if resample > 0:
        # the weights since the last resampling know nothing of what came before
        with pytest.raises(AssertionError):
            assert_variance(relative(swarm), of_weights(swarm.log_weights)[1])


def assert_variance(z, estimates):
    squares = (z - 1).square()
    gap = squares - z.square() * estimates
    assert abs(standard_errors(gap, 0.0)) < 3, (squares.mean(), (z.square() * estimates).mean())


def test_genealogies_of_systematic_resampling_would_understate_the_variance(monkeypatch):
    def systematic(weights, n, replacement, generator):
        return tempering._systematic(weights.log(), generator)

    monkeypatch.setattr(torch, "multinomial", systematic)
    swarm = sweep(1.01, (4000, 48), seed=2)
    assert abs(standard_errors(relative(swarm), 1.0)) < 3
    with pytest.raises(AssertionError):
        assert_variance(relative(swarm), swarm.variance)


def test_particles_carry_the_distribution_of_the_model():
    swarm = sweep(0.5, (200, 256))
    x = resampled(swarm, 40_000, generator(3))
    error = 1 / math.sqrt(TILT.precision() * 200 * 256 * 0.3)
    assert float((x.mean(0) - TILT.mean()).abs().max()) < 3 * error
    # without the weights they do not
    assert float((swarm.x.flatten(0, 1).mean(0) - TILT.mean()).abs().max()) > 3 * error


def test_resampled_draws_follow_the_populations_weights():
    x = torch.arange(6.0).reshape(2, 3, 1)
    log_weights = torch.tensor([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]], dtype=torch.float64).log()
    log_z = torch.tensor([0.25, 0.75], dtype=torch.float64).log()
    nobody = torch.zeros(2, dtype=torch.float64)
    swarm = tempering.Swarm(x, log_weights + 7, log_z, torch.zeros(2, 3).long(), nobody, Cost())
    counts = resampled(swarm, 4000, generator()).flatten().long().bincount()
    assert counts.tolist() == pytest.approx([200, 300, 500, 300, 300, 2400], abs=1)


def test_systematic_resampling_has_the_expected_counts():
    log_weights = torch.randn(1, 20, generator=generator(1), dtype=torch.float64).expand(4000, 20)
    expected = 20 * log_weights[0].softmax(0)
    chosen = tempering._systematic(log_weights, generator(2))
    counts = torch.zeros(4000, 20, dtype=torch.float64).scatter_add_(1, chosen, torch.ones(4000, 20).double())
    assert bool(((counts >= expected.floor()) & (counts <= expected.ceil())).all())
    error = counts.std(0).clamp(min=1e-9) / math.sqrt(4000)
    assert float(((counts.mean(0) - expected) / error).abs().max()) < 3.5
    # multinomial counts have the same means and stray further
    drawn = torch.multinomial(log_weights.softmax(1), 20, replacement=True, generator=generator(2))
    strays = torch.zeros(4000, 20, dtype=torch.float64).scatter_add_(1, drawn, torch.ones(4000, 20).double())
    assert not bool(((strays >= expected.floor()) & (strays <= expected.ceil())).all())


def test_the_way_back_estimates_the_reciprocal():
    x = TILT.sample(40_000, generator(5))
    log_weights, _cost = backward(TILT.target, COARSE, x, 1, generator(6))
    assert abs(standard_errors((TILT.log_z() - log_weights).exp(), 1.0)) < 3
    # nor do draws of another distribution
    wrong, _cost = backward(TILT.target, COARSE, x - 0.1, 1, generator(6))
    assert abs(standard_errors((TILT.log_z() - wrong).exp(), 1.0)) > 3


def test_the_way_back_takes_the_levels_in_reverse():
    kernels = [MALA(size) for size in (0.4, 0.3, 0.2, 0.1)]
    x, stream = TILT.sample(50, generator(5)), generator(6)
    found, _cost = backward(TILT.target, COARSE._replace(kernels=kernels), x, 2, generator(6))
    state, expected = MALA(0.1).start(TILT.target, x, stream), 0.0
    for before, beta, size in ((0.6, 1.0, 0.1), (0.3, 0.6, 0.2), (0.1, 0.3, 0.3), (0.0, 0.1, 0.4)):
        for _ in range(2):
            state, _info = MALA(size).step(TILT.target, state, stream, beta)
        expected = expected + (beta - before) * TILT.weight(state.x)
    assert torch.allclose(found, expected, rtol=0, atol=1e-10)


def length(tilt, before, beta):
    """Coefficient of variation of exp((beta - before) w) under pi_before, from E exp(b w) = exp(log_z(b))."""
    step = beta - before
    return math.sqrt(math.exp(tilt.log_z(before + 2 * step) + tilt.log_z(before) - 2 * tilt.log_z(beta)) - 1)


def assert_equal_lengths(tilt, betas):
    lengths = [length(tilt, *step) for step in pairwise(betas)]
    assert max(lengths) / min(lengths) < 1.8, lengths


@pytest.mark.parametrize(("dim", "k"), [(1, 30.0), (3, 8.0), (16, 4.0)])
def test_the_pilots_levels_are_equally_long(dim, k):
    tilt = GaussianTilt(k, 1.0, dim)
    schedule = plan(tilt.target, HMC(0.5, 1), 512, 24, generator(3))
    assert (schedule.betas[0], schedule.betas[-1]) == (0.0, 1.0)
    assert len(schedule.betas) == 25 == len(schedule.kernels) + 1
    assert all(before < beta for before, beta in pairwise(schedule.betas))
    assert_equal_lengths(tilt, schedule.betas)
    with pytest.raises(AssertionError):
        assert_equal_lengths(tilt, torch.linspace(0, 1, 25).tolist())


def test_step_sizes_shrink_with_the_distribution():
    tilt = GaussianTilt(24.0, dim=3)
    schedule = plan(tilt.target, HMC(0.5, 1), 512, 20, generator(3))
    sizes = [
        kernel.step_size * math.sqrt(tilt.precision(beta))
        for kernel, beta in zip(schedule.kernels, schedule.betas[1:], strict=True)
    ]
    assert max(sizes) / min(sizes) < 1.8
    assert schedule.kernels[0].step_size > 3 * schedule.kernels[-1].step_size


def test_a_flat_tilt_needs_one_step_only():
    flat = Target(lambda x: 0.0 * x.sum(-1), standard_normal(2))
    schedule = plan(flat, HMC(0.5, 1), 64, 4, generator())
    assert all(before < beta for before, beta in pairwise(schedule.betas))
    swarm = forward(flat, schedule, (3, 8), 1, 0.5, generator())
    assert torch.equal(swarm.log_z, torch.zeros(3, dtype=torch.float64))


def test_costs_are_the_rows_that_the_target_sees():
    counting = Counting(TILT.weight)
    target = Target(counting, standard_normal(2))
    schedule = plan(target, HMC(0.5, 2), 32, 6, generator())
    assert schedule.cost == counting.cost
    for resample in (0.0, 1.01):
        counting.calls.clear(), counting.gradient_calls.clear()
        assert forward(target, schedule, (3, 32), 2, resample, generator()).cost == counting.cost
    counting.calls.clear(), counting.gradient_calls.clear()
    assert backward(target, schedule, TILT.sample(9, generator()), 2, generator())[1] == counting.cost


def test_shares_and_means():
    equal = torch.zeros(2, 10, dtype=torch.float64)
    assert effective_share(equal).tolist() == pytest.approx([1, 1], abs=1e-12)
    one = torch.tensor([0.0] + [-1e3] * 9, dtype=torch.float64)
    assert float(effective_share(one)) == pytest.approx(0.1, abs=1e-12)
    assert float(log_mean(torch.tensor([1.0, 3.0]).double().log())) == pytest.approx(math.log(2), abs=1e-12)


def test_densities_that_are_not_finite_are_an_error_and_a_base_is_needed():
    broken = Target(lambda x: x.sum(-1) * math.nan, standard_normal(2))
    with pytest.raises(FloatingPointError, match="not finite"):
        plan(broken, HMC(0.5, 1), 16, 4, generator())
    with pytest.raises(ValueError, match="base measure"):
        plan(flat_gaussian(torch.eye(2).double()), HMC(0.5, 1), 16, 4, generator())


@pytest.mark.parametrize("hole", [math.nan, -math.inf])
def test_a_hole_that_the_pilot_missed_raises_nothing(hole):
    def weight(x):
        return torch.where(x[:, 0] > 2.0, hole, TILT.weight(x))

    swarm = forward(Target(weight, standard_normal(2)), COARSE, (50, 16), 1, 0.9, generator(1))
    assert bool(swarm.log_z.isfinite().any())
    assert bool(swarm.log_z.isfinite().all()) == (hole == -math.inf)
