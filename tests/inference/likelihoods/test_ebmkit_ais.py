"""log Z by ebmkit's annealed importance sampling, reported as this suite's is."""

import pytest
import torch

from ebmbench.inference.likelihoods.ebmkit_ais import EbmkitAIS
from ebmbench.inference.likelihoods.interface import Problem
from tests.helpers.targets import GaussianTilt, Quadratic, generator, on_standard_normal

pytest.importorskip("ebm", reason="needs the packages of envs/peers.txt")

A, B, DIM = 1.0, 3.0, 3


def found(**settings):
    problem = Problem(on_standard_normal(Quadratic(A, B), DIM), torch.zeros(1, DIM))
    method = EbmkitAIS(**({"chains": 512, "temperatures": 60} | settings))
    assert method.applies(problem)
    return method.normalise(problem, 2000, generator(1))


def test_log_z_and_draws_of_a_gaussian_tilt():
    result, truth = found(), GaussianTilt(A, B, DIM).log_z()
    assert (result.log_z.status, result.log_z.method) == ("ok", "ebmkit AIS")
    assert abs(result.log_z.value - truth) < 3 * result.log_z.stderr < 0.2
    assert abs(result.log_z.value) > 10 * result.log_z.stderr
    assert float(result.samples[:, 0].mean()) == pytest.approx(-B / (1 + A), abs=0.2)
    assert 100 < result.n_eff <= 512
    # a weight a level, and a gradient a leapfrog step and more
    assert result.cost.energy_evaluations > 512 * 60 * 5 and result.cost.gradient_evaluations > 512 * 60 * 5


def test_too_few_levels_are_reported():
    far = Problem(on_standard_normal(Quadratic(A, 40.0), DIM), torch.zeros(1, DIM))
    result = EbmkitAIS(chains=2048, temperatures=1).normalise(far, 100, generator(1))
    assert result.log_z.status == "failed" and "effective share" in result.log_z.reason
