"""Exact draws of tempered distributions, against normal distributions in closed form."""

import pytest
import torch

from ebmbench.experiments import tempered as module
from ebmbench.experiments.tempered import LatentCells, exact, tempered
from ebmbench.inference.likelihoods.smc import SMC
from tests.helpers.distributions import assert_distribution
from tests.helpers.latent_model import distribution_of, latent_model
from tests.helpers.targets import GaussianTilt, generator

TILT = GaussianTilt(k=2.0, e=-0.5, dim=2, a=1.5, c=0.7)
CELLS = LatentCells(sides=240)


def found_at(beta, tilt=TILT, draws=20_000, way=CELLS):
    model, train = latent_model(tilt)
    return exact(tempered(model, beta, train), draws, generator(5), [way])


@pytest.mark.parametrize("beta", [0.1, 1.0, 10.0, 100.0, 1000.0])
def test_cells_have_the_distribution_of_every_temperature(beta):
    found = found_at(beta)
    assert found.log_z.status == "ok" and found.exact
    # -log E exp(beta w) is of the order of beta
    assert found.log_z.value == pytest.approx(TILT.log_z(beta), abs=1e-3)
    assert_distribution(found.samples, distribution_of(TILT, beta), errors=4)
    with pytest.raises(AssertionError):
        assert_distribution(found.samples, distribution_of(TILT, 1.05 * beta if beta > 1 else 2 * beta), errors=4)


def test_cells_that_are_not_split_are_too_wide(monkeypatch):
    monkeypatch.setattr(module, "ROUNDS", 0)
    with pytest.raises(AssertionError):
        assert_distribution(found_at(1000.0).samples, distribution_of(TILT, 1000.0), errors=4)


def test_cells_split_where_the_mass_is_tile_what_was_split():
    points = torch.tensor([[0.0, 3.0], [9.0, 0.0]], dtype=torch.float64)
    parts = module._thirds(points, 1.0)
    assert len({tuple(row) for row in parts.tolist()}) == 18
    assert torch.equal(parts.unflatten(0, (2, 9)).mean(1), points)
    assert sorted(set(parts[:9, 0].tolist())) == [-1.0, 0.0, 1.0]


def test_one_dimension():
    tilt = TILT._replace(dim=1)
    assert_distribution(found_at(100.0, tilt).samples, distribution_of(tilt, 100.0), errors=4)


def test_mass_that_leaves_the_box_is_followed_and_at_last_a_failure():
    # N(z; 0, 1) exp(beta 2 z) has its mean at 2 beta
    pulled = GaussianTilt(k=0.0, e=-2.0, dim=2)
    assert found_at(1.0, pulled).log_z.status == "ok"
    # at 20, in the third box of those tried
    assert_distribution(found_at(10.0, pulled).samples, distribution_of(pulled, 10.0), errors=4)
    found = found_at(40.0, pulled)
    assert found.log_z.status == "failed" and "lies at the edge of the box" in found.log_z.reason
    assert len(found.samples) == 0


def test_beyond_two_dimensions_particles_take_over():
    tilt = TILT._replace(dim=3)
    model, train = latent_model(tilt)
    problem = tempered(model, 3.0, train)
    assert not CELLS.applies(problem)
    found = exact(problem, 1000, generator(6), [CELLS, SMC(populations=8, particles=128, temperatures=30)])
    assert found.log_z.value == pytest.approx(tilt.log_z(3.0), abs=4 * found.log_z.stderr)
    assert abs(found.log_z.value - tilt.log_z(1.0)) > 4 * found.log_z.stderr
    distribution = distribution_of(tilt, 3.0)
    assert torch.allclose(found.samples.mean(0), distribution.mean, atol=0.08)
    assert torch.allclose(found.samples.var(0), distribution.covariance.diagonal(), rtol=0.25)
