"""Products of models of the plane: the sum of quadratures against closed forms, rotations, samples, wrong variants."""

import math

import pytest
import torch

from ebmbench.data.rotated_product import orthogonal
from ebmbench.experiments.calibration import products, questions
from ebmbench.experiments.calibration.gaussians import QuadraticEnergy
from ebmbench.experiments.calibration.products import Factor, Product
from ebmbench.models.distributions.normal import Normal
from tests.helpers.targets import generator

#: symmetric matrices and vectors of two quadratic energies, and the mean and covariance of their bases
FACTORS = [
    ([[1.5, 0.6], [0.6, 0.8]], [0.4, -0.7], [0.3, -0.2], [[2.0, 0.5], [0.5, 1.0]]),
    ([[0.2, -0.1], [-0.1, 3.0]], [-0.5, 0.1], [-0.6, 0.5], [[1.0, -0.3], [-0.3, 1.6]]),
]
DIM, COPIES = 6, 3


@pytest.fixture(autouse=True)
def coarse(monkeypatch):
    """Cells of side .1, far narrower than these Gaussians."""
    monkeypatch.setattr(products, "CELLS", 240)


def tensor(values):
    return torch.tensor(values, dtype=torch.float64)


@pytest.fixture(scope="module")
def factors():
    return [Factor(Normal(tensor(m), tensor(S)), QuadraticEnergy(tensor(A), tensor(b))) for A, b, m, S in FACTORS]


def gaussian_of(model):
    """log Z and distribution of a quadratic energy on a normal base in D dimensions, U read off its derivatives."""
    zero = torch.zeros(model.dim, dtype=torch.float64)
    A = torch.autograd.functional.hessian(lambda x: model.network(x[None])[0], zero)
    b = -torch.autograd.functional.jacobian(lambda x: model.network(x[None])[0], zero)
    base = model.base
    precision, shift = base.precision + A, base.precision @ base.mean + b
    own = Normal(torch.linalg.solve(precision, shift), torch.linalg.inv(precision))
    squares = own.mean @ shift - base.mean @ base.precision @ base.mean
    return float(0.5 * squares + own.log_det - base.log_det), own


def test_log_z_and_mean_energy_are_those_of_the_gaussian_in_all_dimensions(factors):
    product = Product(factors, COPIES)
    log_z, own = gaussian_of(product.parts())
    assert product.log_z == pytest.approx(log_z, abs=1e-9)
    entropy = float(own.log_det) + 0.5 * DIM * (1 + math.log(2 * math.pi))
    assert product.mean_energy == pytest.approx(entropy - log_z, abs=1e-9)
    # one term dropped
    fewer = Product(factors, COPIES - 1)
    assert abs(fewer.log_z - log_z) > 0.1 and abs(fewer.mean_energy - (entropy - log_z)) > 0.1


@pytest.mark.parametrize("rotation", [orthogonal(DIM, 1), torch.eye(DIM).double()], ids=["other", "none"])
def test_log_z_does_not_depend_on_the_rotation(factors, rotation):
    product = Product(factors, COPIES, rotation)
    assert product.log_z == pytest.approx(Product(factors, COPIES).log_z, abs=1e-12)
    assert gaussian_of(product.parts())[0] == pytest.approx(product.log_z, abs=1e-9)


def test_a_matrix_that_is_not_orthogonal_breaks_the_sum(factors):
    product = Product(factors, COPIES, 1.1 * orthogonal(DIM, 0))
    assert abs(gaussian_of(product.parts())[0] - product.log_z) > 0.1


def test_the_density_is_the_product_over_rotated_pairs(factors):
    rotation = orthogonal(DIM, 0)
    y = torch.randn(20, DIM, generator=generator(), dtype=torch.float64)
    summed = sum(factors[j % 2].model.log_density(y[:, 2 * j : 2 * j + 2]) for j in range(COPIES))
    model = Product(factors, COPIES).parts()
    torch.testing.assert_close(model.log_density(y @ rotation.T), summed)
    assert (model.log_density(y @ rotation) - summed).abs().max() > 0.1


def test_samples_have_the_mean_energy_and_stretched_ones_do_not(factors):
    product = Product(factors, COPIES)
    question = questions.mean_energy(product)
    x = product.known().exact(20_000, generator())

    def deviate(rows):
        values = question.statistic(rows)
        return float((values.mean() - question.truth) / values.std()) * math.sqrt(len(rows))

    assert x.dtype == torch.float32 and product.known().model.base.mean.dtype == torch.float32
    assert abs(deviate(x)) < 4
    assert abs(deviate(1.1 * x)) > 8
