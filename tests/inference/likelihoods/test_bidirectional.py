"""Bounds on log Z from both ends of the path."""

import math

import pytest
import torch
from scipy.stats import t
from torch import nn

from ebmbench.inference.likelihoods.annealed import AnnealingSweep, kernel
from ebmbench.inference.likelihoods.bidirectional import bounds
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.samplers.target import of_model
from ebmbench.inference.samplers.tempering import backward, forward, plan
from tests.helpers.targets import GaussianTilt, Quadratic, generator, on_standard_normal

TILT = GaussianTilt(3.0, 2.0, 3)
PROBLEM = Problem(on_standard_normal(Quadratic(3.0, 2.0), 3), torch.zeros(1, 3))


def sweep(levels, populations=8, particles=16):
    return AnnealingSweep(populations, particles, levels, moves=1, leapfrog=1, resample=0.0)


def found(levels, seed, exact=None):
    exact = TILT.sample(128, generator(1000 + seed)) if exact is None else exact
    return bounds(PROBLEM, exact, sweep(levels), generator(seed))


def test_the_bounds_bracket_the_truth():
    runs = [found(10, seed) for seed in range(20)]
    assert all(run.lower < TILT.log_z() < run.upper for run in runs)
    assert all(run.gap == run.upper - run.lower for run in runs)
    # they are close enough to tell this log Z from another
    assert sum(run.lower < TILT.log_z() + 1 < run.upper for run in runs) < 20


def test_each_bound_is_the_mean_over_populations_moved_by_its_quantile():
    exact, stream = TILT.sample(128, generator(5)), generator(6)
    target = of_model(PROBLEM.model)
    schedule = plan(target, kernel(target.base, 1), 16, 5, stream)
    below = forward(target, schedule, (8, 16), 1, 0.0, stream).log_z
    weights, _cost = backward(target, schedule, exact, 1, stream)
    above = -(-weights).exp().reshape(8, 16).mean(1).log()
    margins = [float(t.ppf(0.999, 7)) * float(values.std()) / math.sqrt(8) for values in (below, above)]
    limits = bounds(PROBLEM, exact, sweep(5), generator(6))
    assert limits.lower == pytest.approx(float(below.mean()) - margins[0], abs=1e-9)
    assert limits.upper == pytest.approx(float(above.mean()) + margins[1], abs=1e-9)


def test_more_levels_close_the_gap():
    gaps = [sum(found(levels, seed).gap for seed in range(5)) / 5 for levels in (3, 12, 48)]
    assert gaps[0] > 1.5 * gaps[1] > 2 * gaps[2] > 0


def test_draws_of_another_distribution_do_not_bound():
    beside = [TILT.sample(128, generator(seed)) + 3 for seed in range(4)]
    assert sum(found(12, seed, x).upper < TILT.log_z() for seed, x in enumerate(beside)) > 1


def test_the_first_rows_are_used_and_too_few_refused():
    x = TILT.sample(200, generator(1))
    assert found(3, 0, x)[:2] == found(3, 0, x[:128])[:2]
    with pytest.raises(ValueError, match="127 exact samples; allowed: 128 or more"):
        found(3, 0, x[:127])


def test_a_density_that_is_not_finite_has_no_bounds_and_raises_nothing():
    class Broken(nn.Module):
        def forward(self, x):
            return x.sum(-1) * math.nan

    problem = Problem(on_standard_normal(Broken(), 3), torch.zeros(1, 3))
    limits = bounds(problem, TILT.sample(128, generator(1)), sweep(3), generator(0))
    assert math.isnan(limits.lower)
    assert math.isnan(limits.upper)
