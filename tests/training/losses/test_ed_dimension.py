"""What energy discrepancy can still learn of a Gaussian as dimensions grow: nothing, unless t falls with them."""

import math
from typing import NamedTuple

import pytest
import torch

from ebmbench.training.losses.ed import EnergyDiscrepancy
from tests.helpers.targets import generator

M = 16


class Contrast(NamedTuple):
    """P of the row among its negatives, and the loss as a sum over them, with no 1/M before it; means over rows."""

    chosen: float
    sum_form: float


def contrast(dim, t, w=1.0, n=4000):
    """Rows N(0, I) with their own energy |x|^2 / 2."""
    x = torch.randn(n, dim, generator=generator(1), dtype=torch.float64)
    loss = EnergyDiscrepancy(t=t, M=M, w=w)
    energies = 0.5 * torch.cat([x[:, None], loss.negatives(x, generator(2))], 1).square().sum(-1)
    value = loss.of_energies(energies.requires_grad_())
    # what is left of a row's slope 1/N is the probability that it is not chosen
    slope = torch.autograd.grad(value, energies)[0][:, 0].sum()
    return Contrast(1 - float(slope), float(value.detach()) + math.log(M))


@pytest.mark.parametrize(
    ("dim", "chosen", "sum_form"), [(2, 0.09, 2.61), (8, 0.21, 2.05), (16, 0.40, 1.41), (64, 0.946, 0.112)]
)
def test_with_a_fixed_t_the_contrast_saturates(dim, chosen, sum_form):
    found = contrast(dim, 0.25)
    assert found.chosen == pytest.approx(chosen, abs=0.012)
    assert found.sum_form == pytest.approx(sum_form, abs=0.035)
    # t as a standard deviation would be seen
    assert abs(contrast(dim, 0.25**2).sum_form - sum_form) > 0.1


@pytest.mark.parametrize("dim", [8, 16, 64])
def test_with_t_of_the_order_of_one_over_the_dimension_it_does_not(dim):
    found = contrast(dim, 2 / dim)
    assert 0.20 < found.chosen < 0.25
    assert 1.92 < found.sum_form < 2.09
    # the energy has its say: chance is 1 / (M + 1)
    assert found.chosen > 3 / (M + 1)


def test_a_flat_energy_leaves_the_row_to_chance():
    energies = torch.zeros(10, M + 1, dtype=torch.float64, requires_grad=True)
    for w in (1.0, 4.0):
        value = EnergyDiscrepancy(M=M, w=w).of_energies(energies)
        slope = torch.autograd.grad(value, energies)[0][:, 0].sum()
        assert float(1 - slope) == pytest.approx(w / (M + w), abs=1e-12)
        assert float(value.detach()) + math.log(M) == pytest.approx(math.log(M + w), abs=1e-12)
