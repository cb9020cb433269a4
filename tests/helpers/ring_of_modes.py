"""Eight modes on a ring: an energy that gives them equal weights, and rows with unequal ones."""

import math

import torch
from torch import nn

from ebmbench.training.moment_solver import standardised
from tests.helpers.targets import generator, standard_normal

ANGLES = 2 * math.pi * torch.arange(8, dtype=torch.float64) / 8


MODES = 3 * torch.stack([ANGLES.cos(), ANGLES.sin()], 1)


WEIGHTS = torch.tensor([4.0, 3, 2, 1, 1, 1, 2, 3], dtype=torch.float64) / 17


class Ring(nn.Module):
    """Energy of eight equal modes on a ring, relative to a normal base of standard deviation 4."""

    def forward(self, x):
        squares = (x[:, None] - MODES.to(x)).square().sum(2)
        return -(-0.5 * squares / 0.6**2).logsumexp(1) - 0.5 * x.square().sum(1) / 16


def base(dim=2, sd=4.0):
    distribution = standard_normal(dim)
    return type(distribution)(distribution.mean, sd**2 * torch.eye(dim, dtype=torch.float64))


def ring_rows(n=4000):
    stream = generator(3)
    chosen = torch.multinomial(WEIGHTS, n, replacement=True, generator=stream)
    return MODES[chosen] + 0.5 * torch.randn(n, 2, generator=stream, dtype=torch.float64)


def ring_means(model):
    """Exact means of the statistics under the unequal ring, standardised."""
    grid = torch.cartesian_prod(*[torch.linspace(-7, 7, 401, dtype=torch.float64)] * 2)
    log_q = (WEIGHTS.log() - 0.5 * (grid[:, None] - MODES).square().sum(2) / 0.25).logsumexp(1)
    q = (log_q - log_q.logsumexp(0)).exp()
    return q @ standardised(model, grid), grid, q
