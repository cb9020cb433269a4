"""Contrastive divergence with one short Langevin step: divided by half the step it is score matching."""

import itertools

import numpy as np
import pytest
import torch

from ebmbench.experiments.line_examples import polynomials
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.networks.mlp import MLP
from ebmbench.models.statistics.moments import Moments
from ebmbench.training.losses.cd import ContrastiveDivergence
from ebmbench.training.losses.sm import ScoreMatching
from ebmbench.training.losses.tilt_equations import of_scores
from tests.helpers import line_values
from tests.helpers.distributions import standard_errors
from tests.helpers.line_values import standardised
from tests.helpers.targets import generator, standard_normal


def after_one_step(line, eta, step):
    """E_q E T(x + step/2 s + sqrt(step) n) - E_q T of T = x, x^2, x^3, x^4, by Gauss and Hermite's rule."""
    nodes, weights = (torch.from_numpy(part) for part in np.polynomial.hermite_e.hermegauss(8))
    score = line.T_slope @ eta - line.U_slope
    z = line.x[:, None] + 0.5 * step * score[:, None] + step**0.5 * nodes
    moved = torch.stack([line.q @ (z**power) @ (weights / weights.sum()) for power in range(1, 5)])
    return moved - line.q @ line.T


@pytest.mark.parametrize("seed", [1, 2])
def test_the_change_of_the_means_divided_by_half_the_step_tends_to_score_matchings_slope(seed):
    line = polynomials()
    scale = standardised(line).T_slope[0] / line.T_slope[0]
    eta = scale * 0.2 * line_values.draws(1, 4, seed)[0] - torch.tensor([0, 0, 0, 0.03], dtype=torch.float64)
    slope = line_values.score_matching(line)[1](eta)
    errors = [scale * (after_one_step(line, eta, step) / (step / 2) - slope) for step in (1e-3, 1e-4, 1e-5)]
    # a tenth of the step, a tenth of the error
    for one, finer in itertools.pairwise(errors):
        torch.testing.assert_close(finer, one / 10, rtol=0.02, atol=1e-7)
    assert errors[-1].abs().max() < 1e-3 < (scale * slope).abs().max() / 10


def tilted():
    rows = 0.8 * torch.randn(4000, 1, generator=generator(1), dtype=torch.float64)
    rows = rows + 0.4 * rows.square()
    model = Tilted(standard_normal(1), MLP(1, 8, 2, generator(2)).double(), Moments(), rows)
    model.eta.data = torch.tensor([0.3, -0.4], dtype=torch.float64)
    return model, rows


def test_the_losss_own_gradient_is_score_matchings_with_the_known_rest():
    """(E z - E x, E z^2 - E x^2) / (h/2) = (E s, 2 E x s + 2 + h/2 E s^2) for z = x + h/2 s + sqrt(h) n."""
    model, rows = tilted()
    slope = ScoreMatching().tilt_equations(model, rows, generator()).slope[0]
    step = 0.2
    rest = (
        torch.stack([torch.zeros(()), step / 2 * of_scores(model, model.energy, rows).score.square().mean()])
        / model.scale
    )
    found = []
    for seed in range(60):
        loss = ContrastiveDivergence(k=1, step=step)(model, rows, generator(10 + seed)).loss
        found.append(torch.autograd.grad(loss, model.eta)[0] / (step / 2))
    gradients = torch.stack(found)
    for k in range(2):
        assert abs(standard_errors(gradients[:, k], float(slope[k] + rest[k]))) < 3
    # without the rest, or with the whole step for its half, it would be seen
    assert abs(standard_errors(gradients[:, 1], float(slope[1]))) > 5
    assert abs(standard_errors(gradients[:, 1] / 2, float(slope[1] + rest[1]))) > 5
