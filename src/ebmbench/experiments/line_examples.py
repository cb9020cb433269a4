"""Exact examples for every loss: two models of one distribution on a line, each with statistics to match."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.experiments.line import DensityOnLine

#: half-length of the line and its number of cells, which gives cells of width .03
HALF, CELLS = 9.0, 601

#: the network's modes and their standard deviation
MODES, SPREAD = (-2.0, 1.5), 0.9


def log_data(x: Tensor) -> Tensor:
    """Compute log of .7 N(-2, .7^2) + .3 N(1.5, 1) up to a constant, ``(n,)``."""
    return torch.logaddexp(-0.5 * ((x + 2) / 0.7).square(), math.log(0.3) - 0.5 * (x - 1.5).square())


def polynomials(half: float = HALF, n: int = CELLS) -> DensityOnLine:
    """Return the model without a network, T = (x, x^2, x^3, x^4), on ``n`` cells of [-half, half]."""
    x = torch.linspace(-half, half, n, dtype=torch.float64)
    powers = torch.arange(1, 5, dtype=torch.float64)
    T = x[:, None] ** powers
    T_slope = powers * x[:, None] ** (powers - 1)
    T_bend = powers * (powers - 1) * x[:, None] ** (powers - 2).clamp(min=0)
    zero = torch.zeros_like(x)
    return DensityOnLine(x, float(x[1] - x[0]), log_data(x), zero, zero, T, T_slope, T_bend)


def wrong_network(half: float = HALF, n: int = CELLS) -> DensityOnLine:
    """Return the model with a wrong network, U = -log(.5 N(-2, .9^2) + .5 N(1.5, .9^2)).

    T = (x, x^2, sigmoid(2x)), on ``n`` cells of [-half, half].
    """
    x = torch.linspace(-half, half, n, dtype=torch.float64)
    left, right = (-0.5 * ((x - mode) / SPREAD).square() for mode in MODES)
    at_right = torch.sigmoid(right - left)
    U_slope = (x - MODES[0] + at_right * (MODES[0] - MODES[1])) / SPREAD**2
    s = torch.sigmoid(2 * x)
    T = torch.stack([x, x.square(), s], 1)
    T_slope = torch.stack([torch.ones_like(x), 2 * x, 2 * s * (1 - s)], 1)
    T_bend = torch.stack([0 * x, 0 * x + 2, 4 * s * (1 - s) * (1 - 2 * s)], 1)
    return DensityOnLine(x, float(x[1] - x[0]), log_data(x), -torch.logaddexp(left, right), U_slope, T, T_slope, T_bend)


class Example(NamedTuple):
    """A function that builds the line from its half-length and number of cells, and the names of its statistics."""

    line: Callable[[float, int], DensityOnLine]
    statistics: tuple[str, ...]


EXAMPLES = {
    "polynomials": Example(polynomials, ("x", "x^2", "x^3", "x^4")),
    "wrong_network": Example(wrong_network, ("x", "x^2", "sigmoid(2x)")),
}
