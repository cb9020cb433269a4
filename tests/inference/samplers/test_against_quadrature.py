"""Means of statistics under MALA's chains against quadrature, on targets in the plane that are not normal."""

import math

import pytest
import torch
from torch import nn

from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.likelihoods.quadrature import Quadrature
from ebmbench.inference.samplers import chains
from ebmbench.inference.samplers.mala import MALA
from ebmbench.inference.samplers.target import of_model
from ebmbench.inference.samplers.ula import ULA
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.networks.mlp import MLP
from ebmbench.models.statistics.sets import load_set
from ebmbench.planning.statistic_sets import STANDARD
from ebmbench.training.moment_solver import standardised
from ebmbench.training.weighted_samples import weighted_samples
from tests.helpers.targets import generator, standard_normal

CHAINS = 400


class Banana(nn.Module):
    """U of x_1 = x_0^2 / 2 + noise on N(0, I)."""

    def forward(self, x):
        return 1.5 * (x[:, 1] - 0.5 * x[:, 0].square() + 1).square()


class Ridge(nn.Module):
    """U with two modes whose valley chains cross."""

    def forward(self, x):
        return -torch.logaddexp(1.5 * x[:, 0] - 0.5, x[:, 1] - 1.5 * x[:, 0])


class Network(nn.Module):
    """U of random weights."""

    def __init__(self):
        super().__init__()
        self.network = MLP(2, 16, 2, generator(3)).double()

    def forward(self, x):
        return 10 * self.network(x.double())


def model_of(network):
    rows = torch.randn(500, 2, generator=generator(1), dtype=torch.float64)
    model = Tilted(standard_normal(2), network, load_set(STANDARD["s1"]), rows)
    model.eta.data = 0.15 * torch.randn(len(model.eta), generator=generator(2), dtype=torch.float64)
    return model, rows


def errors(sampler, model, rows):
    """Each mean less quadrature's, in standard errors over independent chains."""
    distribution = weighted_samples(Problem(model, rows, 6.0), [Quadrature(180)], 0, generator())
    exact = distribution.log_weights.exp() @ standardised(model, distribution.points)
    start = model.base.sample(CHAINS, generator(5))
    made = chains.run(sampler, of_model(model), start, chains.Length(100, 60, 4), generator(6))
    values = standardised(model, made.draws.flatten(0, 1)).unflatten(0, made.draws.shape[:2]).mean(0)
    return (values.mean(0) - exact) / (values.std(0) / math.sqrt(CHAINS))


#: targets, and a step of unadjusted Langevin whose bias is seen
TARGETS = [(Banana, 0.12), (Ridge, 1.2), (Network, 0.8)]


@pytest.mark.parametrize(("network", "step"), TARGETS)
def test_means_are_those_of_quadrature(network, step):
    model, rows = model_of(network())
    z, biased = (errors(sampler, model, rows) for sampler in (MALA(step), ULA(step)))
    assert z.abs().max() < 3
    assert biased.abs().max() > 5
