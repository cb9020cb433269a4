"""States, and the log-density's gradient in x with the parameters frozen."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

#: ``(B, D)`` -> ``(B,)``, differentiable in x
LogDensity = Callable[[Tensor], Tensor]


class State(NamedTuple):
    """B chains: ``x: (B, D)``, ``log_density: (B,)``, ``gradient: (B, D)`` of the log-density at x."""

    x: Tensor
    log_density: Tensor
    gradient: Tensor


class Info(NamedTuple):
    """One step of B chains: probability of acceptance ``(B,)`` and whether each was moved ``(B,)``."""

    acceptance: Tensor
    moved: Tensor


def evaluate(log_density: LogDensity, x: Tensor) -> State:
    """The state at ``x``; no graph is kept, and no gradient reaches the density's parameters."""
    with torch.enable_grad():
        point = x.detach().requires_grad_()
        value = log_density(point)
        gradient = torch.autograd.grad(value.sum(), point)[0]
    return State(x.detach(), value.detach(), gradient)
