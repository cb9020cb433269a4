"""Step sizes are found in the warm-up and then stand still."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
import torch

from ebmbench.inference.samplers.adaptation import adapt
from ebmbench.inference.samplers.chains import Length, run
from ebmbench.inference.samplers.descent import Descent
from ebmbench.inference.samplers.hmc import HMC
from ebmbench.inference.samplers.independence import IndependenceMetropolis
from ebmbench.inference.samplers.kinetic import KineticLangevin
from ebmbench.inference.samplers.mala import MALA
from ebmbench.inference.samplers.random_walk import RandomWalk
from ebmbench.inference.samplers.ula import ULA
from tests.helpers.targets import GaussianTilt, flat_gaussian, generator

PRECISION = torch.diag(torch.tensor([1.0, 2.0, 5.0], dtype=torch.float64))
TARGET = flat_gaussian(PRECISION)


def start(n=300):
    return torch.randn(n, 3, generator=generator(2), dtype=torch.float64) / PRECISION.diagonal().sqrt()


def assert_on_target(chains):
    assert abs(chains.acceptance - chains.sampler.target_acceptance) < 0.05


@pytest.mark.parametrize("factor", [1e-3, 0.1, 30.0])
@pytest.mark.parametrize("kernel", [MALA, RandomWalk, HMC])
def test_the_target_acceptance_is_reached_from_far_away(kernel, factor):
    first = kernel(factor)
    assert_on_target(run(first, TARGET, start(), Length(300, 60, 1), generator(3)))
    with pytest.raises(AssertionError):
        assert_on_target(run(first, TARGET, start(), Length(0, 60, 1), generator(3)))


def test_each_acceptance_target_is_the_published_one():
    assert (MALA.target_acceptance, HMC.target_acceptance, RandomWalk.target_acceptance) == (0.574, 0.651, 0.234)


@dataclass(frozen=True)
class Recorded(MALA):
    sizes: ClassVar[list[float]] = []

    def step(self, target, state, generator, beta=1.0):
        self.sizes.append(self.step_size)
        return super().step(target, state, generator, beta)


def test_the_step_size_stands_still_after_the_warmup():
    Recorded.sizes.clear()
    chains = run(Recorded(0.1), TARGET, start(50), Length(40, 10, 3), generator(3))
    warmup, later = Recorded.sizes[:40], Recorded.sizes[40:]
    assert len(set(warmup)) == 40
    assert later == [chains.sampler.step_size] * 30


def test_the_step_size_is_found_for_the_beta_asked_for():
    tilt = GaussianTilt(k=50.0)
    sizes = []
    for beta in (0.1, 1.0):
        x = tilt.sample(300, generator(1), beta)
        chains = run(MALA(0.1), tilt.target, x, Length(300, 60, 1), generator(3), beta)
        assert_on_target(chains)
        sizes.append(chains.sampler.step_size * tilt.precision(beta))
    # in units of the distribution's own variance the step is the same
    assert sizes[0] == pytest.approx(sizes[1], rel=0.15)


@pytest.mark.parametrize("sampler", [ULA(0.3), KineticLangevin(0.3), IndependenceMetropolis(), Descent(0.3)])
def test_samplers_without_a_target_keep_their_step_size(sampler):
    target = GaussianTilt(1.0).target
    state = sampler.start(target, start()[:, :1], generator())
    found, later = adapt(sampler, target, state, 20, generator())
    assert found == sampler
    assert not torch.equal(later.x, state.x)
