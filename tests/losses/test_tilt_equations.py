"""The equations of losses that are quadratic in natural parameters, against autograd; wrong ones fail."""

import pytest
import torch
from targets import generator, standard_normal

from ebmbench.energies.mlp import MLP
from ebmbench.families.tilted import Tilted
from ebmbench.losses.dsm import DenoisingScoreMatching
from ebmbench.losses.ed import EnergyDiscrepancy
from ebmbench.losses.sm import ScoreMatching
from ebmbench.losses.ssm import SlicedScoreMatching
from ebmbench.losses.tilt_equations import QuadraticInTilt, denoising
from ebmbench.randomness import normal_like
from ebmbench.sets import STANDARD
from ebmbench.statistics.sets import load_set


def rows(n=60):
    draws = torch.randn(n, 2, generator=generator(1), dtype=torch.float64)
    return draws + 0.4 * draws.square()


def model(name="s2"):
    """A network on a normal base with eta away from 0."""
    made = Tilted(standard_normal(2), MLP(2, 8, 2, generator(2)).double(), load_set(STANDARD[name]), rows(400))
    made.eta.data.normal_(0, 0.2, generator=generator(3))
    return made


def of_autograd(loss, made, x):
    """Hessian and gradient of the loss in eta, with the noise that the equations draw."""

    def value(eta):
        made.eta.data.copy_(eta.detach())
        return loss(made, x, generator(5)).loss

    eta, size = made.eta.detach().clone(), len(made.eta)
    slope = torch.autograd.grad(value(eta), made.eta)[0].clone()
    columns = []
    for k in range(size):
        moved = eta.clone()
        moved[k] += 1.0
        columns.append(torch.autograd.grad(value(moved), made.eta)[0] - slope)
    made.eta.data.copy_(eta)
    return torch.stack(columns), slope


@pytest.mark.parametrize("name", ["s1", "s2", "s3"])
@pytest.mark.parametrize("loss", [ScoreMatching(), DenoisingScoreMatching(sigma=0.3)], ids=["sm", "dsm"])
def test_they_are_the_losses_hessian_and_gradient(loss, name):
    made, x = model(name), rows()
    found = loss.tilt_equations(made, x, generator(5))
    gram, slope = of_autograd(loss, made, x)
    torch.testing.assert_close(found.gram, gram, rtol=0, atol=1e-9)
    torch.testing.assert_close(found.slope, slope, rtol=0, atol=1e-9)
    assert found.gradients == len(x) and not found.gram.requires_grad


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
    torch.testing.assert_close(right.slope, slope, rtol=0, atol=1e-9)
    assert not torch.allclose(wrong.slope, slope, atol=1e-2)


def test_losses_that_are_not_quadratic_do_not_claim_to_be():
    assert isinstance(ScoreMatching(), QuadraticInTilt) and not isinstance(EnergyDiscrepancy(), QuadraticInTilt)
