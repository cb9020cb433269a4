"""A network that holds a part of the statistics: (U + <a, T~>, eta + a) is the same model for every loss."""

import pytest
import torch
from torch import nn

from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.likelihoods.quadrature import Quadrature
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.networks.mlp import MLP
from ebmbench.models.statistics.sets import load_set
from ebmbench.planning.statistic_sets import STANDARD
from ebmbench.training.losses.cd import ContrastiveDivergence
from ebmbench.training.losses.cnce import ConditionalNoiseContrast
from ebmbench.training.losses.dsm import DenoisingScoreMatching
from ebmbench.training.losses.ed import EnergyDiscrepancy
from ebmbench.training.losses.kale_dv import KALEDonskerVaradhan
from ebmbench.training.losses.kale_f import KALEFenchel
from ebmbench.training.losses.ml import MaximumLikelihood
from ebmbench.training.losses.nce import NoiseContrastiveEstimation
from ebmbench.training.losses.pcd import PersistentContrastiveDivergence
from ebmbench.training.losses.sm import ScoreMatching
from ebmbench.training.losses.ssm import SlicedScoreMatching
from ebmbench.training.losses.tilt_equations import of_scores
from ebmbench.training.moment_solver import standardised
from ebmbench.training.weighted_samples import weighted_samples
from tests.helpers.targets import generator, standard_normal

LOSSES = [
    *(MaximumLikelihood(16), EnergyDiscrepancy(), EnergyDiscrepancy(w=0.5), ScoreMatching(), SlicedScoreMatching()),
    *(DenoisingScoreMatching(0.3), ContrastiveDivergence(k=3, penalty=0.1), PersistentContrastiveDivergence(k=3)),
    *(NoiseContrastiveEstimation(), ConditionalNoiseContrast(), KALEDonskerVaradhan(), KALEFenchel()),
]


class Holding(nn.Module):
    """U(x) + <a, T~(x)>."""

    def __init__(self, network, model, a):
        super().__init__()
        self.network, self.standardised, self.a = network, model.standardised, a

    def forward(self, x):
        return self.network(x.double()) + self.standardised(x.double()) @ self.a


def rows(n=200):
    draws = torch.randn(n, 2, generator=generator(1), dtype=torch.float64)
    return draws + 0.4 * draws.square()


def model(share=0.0, counted=0.0):
    """``share`` of a in the network, ``counted`` of it added to eta."""
    made = Tilted(standard_normal(2), MLP(2, 8, 2, generator(2)).double(), load_set(STANDARD["s2"]), rows())
    size = len(made.eta)
    a = 0.2 * torch.randn(size, generator=generator(4), dtype=torch.float64)
    made.network = Holding(made.network, made, share * a)
    made.eta.data = 0.1 * torch.randn(size, generator=generator(3), dtype=torch.float64) + counted * a
    return made


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_no_loss_tells_one_from_the_other(loss):
    plain, moved, other = (
        loss(made, rows(), generator(5)).loss.detach() for made in (model(), model(1, 1), model(1, -1))
    )
    assert float(moved - plain) == pytest.approx(0, abs=1e-10)
    assert abs(float(other - plain)) > 1e-4


def test_score_and_means_are_the_same():
    plain, moved, other = model(), model(1, 1), model(1, -1)
    scores = [of_scores(made, made.energy, rows()).score for made in (plain, moved, other)]
    torch.testing.assert_close(scores[1], scores[0], rtol=0, atol=1e-10)
    assert (scores[2] - scores[0]).abs().max() > 0.1

    def means(made):
        distribution = weighted_samples(Problem(made, rows(), 5.0), [Quadrature(60)], 0, generator())
        return distribution.log_weights.exp() @ standardised(made, distribution.points)

    torch.testing.assert_close(means(moved), means(plain), rtol=0, atol=1e-10)
    assert (means(other) - means(plain)).abs().max() > 0.05
