"""Energy discrepancy's gradient in natural parameters, at a network that is the truth: zero for w = 1 alone."""

import math

import pytest
import torch
from torch import nn

from ebmbench.experiments.line_examples import log_data, polynomials
from ebmbench.experiments.line_losses import sampled_discrepancy
from ebmbench.experiments.newton import expanded
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.statistics.second_moments import SecondMoments
from ebmbench.training.losses.ed import EnergyDiscrepancy
from tests.helpers.distributions import standard_errors
from tests.helpers.targets import generator, standard_normal

BATCHES, ROWS = 40, 2500


class Truth(nn.Module):
    """U = log b - log q, b = N(0, 1) up to a constant."""

    def forward(self, x):
        return -0.5 * x[:, 0].square() - log_data(x[:, 0])


def rows(stream):
    """Of .7 N(-2, .7^2) + .3 N(1.5, 1)."""
    left = torch.rand(ROWS, 1, generator=stream, dtype=torch.float64) < 0.7
    noise = torch.randn(ROWS, 1, generator=stream, dtype=torch.float64)
    return torch.where(left, -2 + 0.7 * noise, 1.5 + noise)


def gradients(loss):
    """In the natural parameter of x^2, one a batch."""
    model = Tilted(standard_normal(1), Truth(), SecondMoments(), rows(generator(0)))
    found = []
    for seed in range(BATCHES):
        stream = generator(1 + seed)
        value = loss(model, rows(stream), stream).loss
        found.append(torch.autograd.grad(value, model.eta)[0] * model.scale)
    return torch.cat(found)


def exact(loss):
    line = polynomials(16.0, 241)
    line = line._replace(U=-line.log_q, T=line.T[:, 1:2])
    start = torch.zeros(1, dtype=torch.float64)
    return float(expanded(sampled_discrepancy(line, loss.t, loss.M, loss.w), start).gradient)


@pytest.mark.parametrize(("t", "M"), [(0.25, 1), (0.25, 4), (4.0, 1), (4.0, 4)])
def test_w_one_is_stationary_and_others_are_off_by_what_quadrature_says(t, M):
    right = gradients(EnergyDiscrepancy(t=t, M=M, w=1.0))
    assert abs(standard_errors(right, 0.0)) < 3
    for w in (0.5, 2.0):
        loss = EnergyDiscrepancy(t=t, M=M, w=w)
        found = gradients(loss)
        assert abs(standard_errors(found, exact(loss))) < 3
        assert abs(standard_errors(found, 0.0)) > 3.5
    assert float(right.std()) / math.sqrt(BATCHES) < 0.01
