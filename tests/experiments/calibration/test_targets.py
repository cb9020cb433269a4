"""log Z and draws of the known targets."""

import math

import pytest
import torch
from scipy.integrate import dblquad

from ebmbench.core.errors import UserError
from ebmbench.data.gaussians25 import Gaussians25
from ebmbench.experiments.calibration import gaussians, latent, mixtures
from ebmbench.experiments.calibration.targets import TARGETS, target
from tests.helpers.targets import generator

LOG_2PI = math.log(2 * math.pi)


def points(dim, n=50, scale=2.0):
    return scale * torch.randn(n, dim, generator=generator(), dtype=torch.float64)


@pytest.mark.parametrize("dim", [2, 11, 64])
def test_a_gaussian_target_is_its_distribution_up_to_log_z(dim):
    model, log_z = gaussians.parts(dim)
    x = points(dim)
    torch.testing.assert_close(
        model.log_density(x) - log_z, gaussians.distribution(dim).log_density(x), rtol=1e-9, atol=1e-8
    )


def test_its_log_z_is_the_midpoint_sum_and_that_of_another_is_not():
    model, log_z = gaussians.parts(2)
    axis = 16 * (torch.arange(800, dtype=torch.float64) + 0.5) / 800 - 8
    summed = float(model.log_density(torch.cartesian_prod(axis, axis)).logsumexp(0)) + 2 * math.log(16 / 800)
    assert log_z == pytest.approx(summed, abs=1e-9)
    assert abs(gaussians.parts(3)[1] - summed) > 0.1


@pytest.mark.parametrize("dim", [2, 11])
def test_mean_scale_and_correlation_are_not_the_bases(dim):
    distribution, base = gaussians.distribution(dim), gaussians.parts(dim)[0].base
    covariance = distribution.cholesky @ distribution.cholesky.T
    assert (distribution.mean - base.mean).abs().min() > 0.4
    assert covariance.diagonal().sqrt()[0] == pytest.approx(0.5)
    assert covariance[0, 1] / (covariance[0, 0] * covariance[1, 1]).sqrt() == pytest.approx(0.5)
    assert base.cholesky[1, 0] == 0


def test_gaussians25_is_the_data_sets_density():
    gaussians_of = Gaussians25().gaussians()
    x = gaussians_of.centres + 0.1 * points(2, 25)
    torch.testing.assert_close(mixtures.parts(*gaussians_of).log_density(x), Gaussians25().log_prob(x))


def test_the_corners_are_eight_equal_gaussians():
    model = mixtures.corners(11).model.double()
    ones = torch.distributions.MultivariateNormal(torch.zeros(11).double(), 0.25 * torch.eye(11).double())
    centre = torch.zeros(11, dtype=torch.float64)
    centre[:3] = torch.tensor([2.0, -2.0, 2.0])
    x = centre + 0.1 * points(11)
    # the other seven are at least 8 standard deviations away
    torch.testing.assert_close(model.log_density(x), ones.log_prob(x - centre) - math.log(8), rtol=0, atol=1e-4)


def test_latent_log_z_and_weight_are_adaptive_quadratures():
    model, found = latent.model(), latent.reference(latent.quadrature())

    def density(z2, z1):
        return float(model.log_density(torch.tensor([[z1, z2]], dtype=torch.float64)).exp())

    sides = [dblquad(density, *x, -2.5, 2.5, epsabs=1e-8)[0] for x in ((-3.2, 0), (0, 3.2))]
    assert found.log_z == pytest.approx(math.log(sum(sides)), abs=1e-5)
    assert found.weight == pytest.approx(sides[1] / sum(sides), abs=1e-5)
    assert 0.75 < found.weight < 0.85


def test_latent_modes_are_far_apart():
    of = latent.quadrature(400)
    top = of.log_mass.max()
    between = of.log_mass[of.points[:, 0].abs() < 0.05].max()
    assert top - between > 8


def entropy(name):
    if name.startswith("gaussian") and name != "gaussians25":
        distribution = gaussians.distribution(int(name.removeprefix("gaussian")))
        return float(distribution.log_det) + 0.5 * distribution.dim * (1 + LOG_2PI)
    if name == "latent2":
        of = latent.quadrature()
        log_mass = of.log_mass - of.log_mass.logsumexp(0)
        return -float(log_mass.exp() @ (log_mass - 2 * math.log(of.side)))
    modes, dim, sd = {"gaussians25": (25, 2, 0.2 / 1.414), "corners11": (8, 11, 0.5)}[name]
    return math.log(modes) + 0.5 * dim * (1 + LOG_2PI + 2 * math.log(sd))


@pytest.mark.parametrize("name", TARGETS)
def test_draws_have_the_entropy_of_the_density_and_stretched_ones_do_not(name):
    known = target(name)
    x, n = known.exact(40_000, generator()), 40_000

    def deviate(rows):
        values = known.model.log_density(rows).double() - known.log_z
        return float(values.mean() + entropy(name)) / float(values.std()) * math.sqrt(n)

    assert abs(deviate(x)) < 4
    assert abs(deviate(1.1 * x)) > 8


def test_latent_draws_have_the_references_moments():
    known, found = target("latent2"), latent.reference(latent.quadrature())
    x = known.exact(100_000, generator()).double()
    assert float((x[:, 0] > 0).double().mean()) == pytest.approx(found.weight, abs=4 * 0.4 / 316)
    torch.testing.assert_close(x.mean(0), found.mean, rtol=0, atol=0.02)
    torch.testing.assert_close(x.var(0), found.variance, rtol=0.03, atol=0)


def test_models_are_in_single_precision_and_nothing_is_trained():
    for name in TARGETS:
        model = target(name).model
        assert model.log_density(torch.zeros(1, model.dim)).dtype == torch.float32
        assert not any(parameter.requires_grad for parameter in model.parameters())


def test_an_unknown_target_is_named():
    with pytest.raises(UserError, match="'moons' is unknown; allowed: gaussian2"):
        target("moons")


def test_a_product_needs_its_file():
    with pytest.raises(UserError, match="'trained8' needs --energies, the file that calibrate_energies writes"):
        target("trained8")
