"""An energy with a floor: what it leaves alone, and what it bounds."""

import math

import pytest
import torch
from torch import nn

from ebmbench.models.networks.floored import Floored


class Sum(nn.Module):
    def forward(self, x):
        return x.sum(1)


def values(floor, *at):
    return Floored(Sum(), floor).double()(torch.tensor(at, dtype=torch.float64)[:, None])


def test_zero_stays_zero_and_high_energies_only_shift():
    zero, high, higher = values(3.0, 0.0, 30.0, 40.0).tolist()
    assert zero == 0
    assert higher - high == pytest.approx(10.0)
    assert high == pytest.approx(33 - math.log1p(math.exp(3.0)))


def test_nothing_is_below_the_floor_and_everything_keeps_its_order():
    found = values(3.0, -1e6, -20.0, -10.0, -3.0, 0.0)
    assert float(found.min()) == pytest.approx(-math.log1p(math.exp(3.0)))
    assert bool((found.diff() > 0)[1:].all())


def test_weights_of_draws_far_out_are_bounded():
    plain, floored = Sum()(torch.full((1, 1), -1e4)), values(10.0, -1e4)
    assert math.isinf(float((-plain).exp())) and float((-floored).exp()) < math.exp(10.001)
