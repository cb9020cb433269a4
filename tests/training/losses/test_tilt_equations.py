"""The equations of losses that are quadratic in natural parameters, against autograd; wrong ones fail."""

import pytest
import torch
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from ebmbench.core.randomness import normal_like
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.distributions.tilted_levels import TiltedAtLevels
from ebmbench.models.networks.mlp import MLP
from ebmbench.models.networks.noise_mlp import NoiseMLP
from ebmbench.models.statistics.sets import load_set
from ebmbench.planning.statistic_sets import STANDARD
from ebmbench.training.losses.dsm import DenoisingScoreMatching
from ebmbench.training.losses.dsm_levels import MultiLevelDenoising
from ebmbench.training.losses.ed import EnergyDiscrepancy
from ebmbench.training.losses.sm import ScoreMatching
from ebmbench.training.losses.ssm import SlicedScoreMatching
from ebmbench.training.losses.tilt_equations import QuadraticInTilt, denoising
from tests.helpers.targets import generator, standard_normal


def rows(n=60):
    draws = torch.randn(n, 2, generator=generator(1), dtype=torch.float64)
    return draws + 0.4 * draws.square()


def model(name="s2"):
    """A network on a normal base with eta away from 0."""
    made = Tilted(standard_normal(2), MLP(2, 8, 2, generator(2)).double(), load_set(STANDARD[name]), rows(400))
    made.eta.data.normal_(0, 0.2, generator=generator(3))
    return made


def model_at_levels(name="s2"):
    """The same with the energy, and eta, at three noise levels."""
    sigmas = torch.tensor([2.0, 0.8, 0.3], dtype=torch.float64)
    network = NoiseMLP(2, 8, 2, (0.3, 2.0), generator(2)).double()
    made = TiltedAtLevels(standard_normal(2), network, sigmas, load_set(STANDARD[name]), rows(400))
    for eta in made.natural_parameters():
        eta.data.normal_(0, 0.2, generator=generator(3))
    return made


def of_autograd(loss, made, x):
    """Hessian and gradient of the loss in all natural parameters, with the noise that the equations draw."""
    parameters = made.natural_parameters()
    etas = parameters_to_vector(parameters).detach().clone()

    def slope_at(values):
        with torch.no_grad():
            vector_to_parameters(values.clone(), parameters)
        return torch.cat([part.flatten() for part in torch.autograd.grad(loss(made, x, generator(5)).loss, parameters)])

    slope = slope_at(etas)
    columns = [slope_at(etas + unit) - slope for unit in torch.eye(len(etas), dtype=torch.float64)]
    with torch.no_grad():
        vector_to_parameters(etas.clone(), parameters)
    return torch.stack(columns), slope


@pytest.mark.parametrize("name", ["s1", "s2", "s3"])
@pytest.mark.parametrize("loss", [ScoreMatching(), DenoisingScoreMatching(sigma=0.3)], ids=["sm", "dsm"])
def test_they_are_the_losses_hessian_and_gradient(loss, name):
    made, x = model(name), rows()
    found = loss.tilt_equations(made, x, generator(5))
    gram, slope = of_autograd(loss, made, x)
    torch.testing.assert_close(found.gram[0], gram, rtol=0, atol=1e-9)
    torch.testing.assert_close(found.slope[0], slope, rtol=0, atol=1e-9)
    assert found.gradients == len(x) and not found.gram.requires_grad


@pytest.mark.parametrize("n", [60, 2], ids=["rows", "fewer rows than levels"])
def test_at_levels_they_are_the_hessians_blocks_and_outside_of_them_it_is_nought(n):
    made, x, loss = model_at_levels("s1"), rows(n), MultiLevelDenoising()
    found = loss.tilt_equations(made, x, generator(5))
    gram, slope = of_autograd(loss, made, x)
    torch.testing.assert_close(torch.block_diag(*found.gram), gram, rtol=0, atol=1e-9)
    torch.testing.assert_close(found.slope.flatten(), slope, rtol=0, atol=1e-9)
    assert found.gradients == n and not found.gram.requires_grad
    assert [bool(block.any()) for block in found.gram].count(True) == min(n, 3)


def test_the_derivative_in_the_level_ties_the_levels():
    made, x = model_at_levels("s1"), rows()
    assert MultiLevelDenoising().solved(made) and not MultiLevelDenoising(dual=1.0).solved(made)
    gram, _ = of_autograd(MultiLevelDenoising(dual=1.0), made, x)
    assert float(gram[:5, 5:10].abs().max()) > 0.01


def test_slices_have_the_equations_of_the_exact_trace():
    made, x = model(), rows()
    sliced, exact = (loss.tilt_equations(made, x, generator(5)) for loss in (SlicedScoreMatching(), ScoreMatching()))
    assert torch.equal(sliced.gram, exact.gram) and torch.equal(sliced.slope, exact.slope)


def test_noise_that_is_not_the_perturbations_gives_other_equations():
    made, x = model(), rows()
    noise = normal_like(x, generator(5))
    _, slope = of_autograd(DenoisingScoreMatching(sigma=0.3), made, x)
    right = denoising(made, x + 0.3 * noise, noise, 0.3)
    wrong = denoising(made, x + 0.3 * noise, normal_like(x, generator(6)), 0.3)
    torch.testing.assert_close(right.slope[0], slope, rtol=0, atol=1e-9)
    assert not torch.allclose(wrong.slope[0], slope, atol=1e-2)


def test_losses_that_are_not_quadratic_do_not_claim_to_be():
    assert isinstance(ScoreMatching(), QuadraticInTilt) and not isinstance(EnergyDiscrepancy(), QuadraticInTilt)
