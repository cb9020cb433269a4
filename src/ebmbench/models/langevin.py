"""Unadjusted Langevin steps on a model's log-density, and the gradients that they follow."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.core.randomness import normal_like
from ebmbench.models.interface import Density

#: ``(B, D)`` -> ``(B,)``, differentiable in x
LogDensity = Callable[[Tensor], Tensor]

#: ``(B, D)`` -> the value and its gradient, ``(B,)`` and ``(B, D)``, without a graph; None if there is no closed form
ValueAndGrad = Callable[[Tensor], tuple[Tensor, Tensor] | None]


class Ends(NamedTuple):
    """Final states of chains, ``x: (N, D)``, and the number of energy and of gradient evaluations per chain."""

    x: Tensor
    energies: int
    gradients: int


def value_and_grad(function: LogDensity, x: Tensor, written_out: ValueAndGrad) -> tuple[Tensor, Tensor]:
    """Return ``function`` at ``x: (B, D)`` and its gradient, by ``written_out`` if that applies, else by autograd."""
    found = written_out(x)
    if found is not None:
        return found
    with torch.enable_grad():
        point = x.detach().requires_grad_()
        value = function(point)
    return value.detach(), torch.autograd.grad(value.sum(), point)[0]


def langevin_step(x: Tensor, gradient: Tensor, step_size: float, generator: torch.Generator) -> Tensor:
    """Return x + h/2 ``gradient`` + sqrt(h) n, n ~ N(0, I), all ``(B, D)``; h = ``step_size`` is a variance."""
    noise = normal_like(x, generator)
    return x + 0.5 * step_size * gradient + math.sqrt(step_size) * noise


def unadjusted_langevin(model: Density, x: Tensor, steps: int, step_size: float, generator: torch.Generator) -> Ends:
    """Run ``steps`` Langevin steps of variance ``step_size`` from ``x: (N, D)``, without a graph."""
    x = x.detach()
    for _ in range(steps):
        _, gradient = value_and_grad(model.log_density, x, model.value_and_grad)
        x = langevin_step(x, gradient, step_size, generator)
    return Ends(x, steps, steps)
