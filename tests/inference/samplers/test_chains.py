"""Chains: shapes, what they cost, and blocks that change neither distribution nor memory."""

import dataclasses
import inspect
from pathlib import Path

import pytest
import torch

from ebmbench.core import plugins
from ebmbench.core.cost import Cost
from ebmbench.inference.samplers import chains
from ebmbench.inference.samplers.descent import Descent
from ebmbench.inference.samplers.hmc import HMC
from ebmbench.inference.samplers.independence import IndependenceMetropolis
from ebmbench.inference.samplers.kinetic import KineticLangevin
from ebmbench.inference.samplers.mala import MALA
from ebmbench.inference.samplers.random_walk import RandomWalk
from ebmbench.inference.samplers.target import Target, of_model
from ebmbench.inference.samplers.ula import ULA
from tests.helpers.distributions import Distribution, assert_distribution
from tests.helpers.targets import (
    Counting,
    GaussianTilt,
    Quadratic,
    flat_gaussian,
    generator,
    on_standard_normal,
    standard_normal,
)

SAMPLERS = [
    ULA(0.5),
    MALA(0.5),
    HMC(0.5, 3),
    KineticLangevin(0.5),
    RandomWalk(0.5),
    IndependenceMetropolis(),
    Descent(0.5),
]
EVERY = pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda sampler: type(sampler).__name__)
TILT = GaussianTilt(k=1.0, e=0.5, dim=2)


def start(n):
    return torch.randn(n, 2, generator=generator(1), dtype=torch.float64)


@EVERY
def test_draws_and_cost_are_counted_exactly(sampler):
    counting = Counting(TILT.weight)
    made = chains.run(sampler, Target(counting, standard_normal(2)), start(17), chains.Length(6, 4, 3), generator())
    assert made.draws.shape == (4, 17, 2)
    assert made.cost == counting.cost
    assert type(made.sampler) is type(sampler)
    # the steps alone, without the chains' first evaluation
    steps = sampler.cost.times(17 * (6 + 4 * 3))
    assert made.cost == steps.plus(sampler.start_cost.times(17))


def test_draws_are_thin_steps_apart():
    every = chains.run(ULA(0.5), TILT.target, start(9), chains.Length(2, 12, 1), generator(5)).draws
    third = chains.run(ULA(0.5), TILT.target, start(9), chains.Length(2, 4, 3), generator(5)).draws
    assert torch.equal(third, every[2::3])
    assert not torch.equal(third, every[::3])


@EVERY
def test_no_call_sees_more_rows_than_a_block(sampler, monkeypatch):
    monkeypatch.setattr(chains, "BLOCK", 16)
    counting = Counting(TILT.weight)
    made = chains.run(sampler, Target(counting, standard_normal(2)), start(50), chains.Length(3, 2, 2), generator())
    assert max(counting.calls) == 16
    assert made.draws.shape == (2, 50, 2)
    assert made.cost == counting.cost
    monkeypatch.setattr(chains, "BLOCK", 64)
    chains.run(sampler, Target(counting, standard_normal(2)), start(50), chains.Length(3, 2, 2), generator())
    assert max(counting.calls) == 50


def test_blocks_have_the_distribution_of_one_block_and_one_step_size(monkeypatch):
    covariance = torch.eye(2, dtype=torch.float64) / TILT.precision()
    distribution, x = Distribution(TILT.mean(), covariance), TILT.sample(10_000, generator(2))
    for block in (10_000, 2_000):
        monkeypatch.setattr(chains, "BLOCK", block)
        made = chains.run(MALA(0.1), TILT.target, x, chains.Length(60, 1, 20), generator(4))
        assert_distribution(made.draws[0], distribution)
        assert made.acceptance == pytest.approx(0.574, abs=0.05)
        assert_distribution(made.draws[0, -2_000:], distribution)
    with pytest.raises(AssertionError):
        assert_distribution(made.draws[0], distribution._replace(mean=distribution.mean + 0.04))


def test_drift_is_the_root_mean_square_and_not_a_number_without_one():
    made = chains.run(HMC(0.3, 2), TILT.target, start(200), chains.Length(50, 5, 1), generator())
    assert 0 < made.drift < 5
    assert made.acceptance == pytest.approx(0.651, abs=0.1)
    plain = chains.run(MALA(0.3), TILT.target, start(20), chains.Length(5, 5, 1), generator())
    assert plain.drift != plain.drift
    # the drift of a leapfrog on a linear slope is nought, though the chains move
    exact = chains.run(HMC(0.3, 2), Target(lambda x: x.sum(-1)), start(20), chains.Length(0, 5, 1), generator())
    assert exact.drift < 1e-12


def test_only_langevin_is_biased_and_only_descent_is_an_optimiser():
    kinds = {type(sampler).__name__: sampler.kind for sampler in SAMPLERS}
    biased, optimisers = {"ULA", "KineticLangevin"}, {"Descent"}
    assert {name for name, kind in kinds.items() if kind == "biased"} == biased
    assert {name for name, kind in kinds.items() if kind == "optimiser"} == optimisers
    assert {name for name, kind in kinds.items() if kind == "invariant"} == kinds.keys() - biased - optimisers


@EVERY
def test_every_sampler_is_a_plugin_of_plain_settings(sampler):
    kernel, module = type(sampler), inspect.getmodule(sampler)
    assert module.__all__ == [kernel.__name__]
    described = plugins.dataclass_fields(Path(module.__file__), kernel.__name__)
    assert {name: field.default for name, field in described.items()} == dataclasses.asdict(kernel())


def test_descent_ends_in_the_mode_draws_nothing_and_has_no_distribution():
    stream = generator(3)
    before = stream.get_state()
    made = chains.run(Descent(0.5), TILT.target, start(100), chains.Length(100, 1, 1), stream)
    assert torch.equal(stream.get_state(), before)
    assert torch.allclose(made.draws[0], TILT.mean().expand(100, 2), rtol=0, atol=1e-10)
    distribution = Distribution(TILT.mean(), torch.eye(2, dtype=torch.float64) / TILT.precision())
    with pytest.raises(AssertionError):
        assert_distribution(made.draws[0], distribution)


@pytest.mark.parametrize(
    ("kernel", "settings"),
    [
        (ULA, {"step_size": 0.0}),
        (MALA, {"step_size": -1.0}),
        (RandomWalk, {"step_size": 0.0}),
        (Descent, {"step_size": 0.0}),
        (HMC, {"step_size": 0.0}),
        (HMC, {"leapfrog": 0}),
        (HMC, {"jitter": 1.0}),
        (KineticLangevin, {"friction": 0.0}),
    ],
)
def test_impossible_settings_are_refused(kernel, settings):
    with pytest.raises(ValueError, match="; allowed: "):
        kernel(**settings)


def test_independence_needs_a_base_measure():
    with pytest.raises(ValueError, match="base measure"):
        IndependenceMetropolis().start(flat_gaussian(torch.eye(2).double()), start(3), generator())


def test_a_model_is_its_base_measure_tilted():
    model = on_standard_normal(Quadratic(1.0, 0.5), 2)
    target, x = of_model(model), start(5)
    assert torch.allclose(target.base.log_density(x) + target.log_weight(x), model.log_density(x))
    assert torch.equal(target.decode(x), x)
    assert Cost(2, 1).times(3).plus(Cost(1, 0)) == Cost(7, 3)
