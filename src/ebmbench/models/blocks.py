"""Evaluate a function on a large batch in blocks, so that memory stays small."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ebmbench.models.interface import Density

#: largest and smallest number of points per block, and the target count of numbers per block: intermediate results
#: should fit in the processor's cache, where convolutions and functions of pixels are several times faster
ROWS, FEWEST, NUMBERS = 256, 64, 2**16


def at_once(x: Tensor) -> int:
    """Return the number of points of ``x: (B, ...)`` to evaluate in one block."""
    return min(ROWS, max(FEWEST, NUMBERS // max(1, x[0].numel()))) if len(x) else ROWS


@torch.no_grad()
def in_blocks(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Evaluate ``function``, which maps point by point, on ``x: (B, ...)`` in blocks.

    Its own memory does not grow with B.
    """
    return torch.cat([function(rows) for rows in x.split(at_once(x))])


@torch.no_grad()
def log_density_in_blocks(model: Density, x: Tensor) -> Tensor:
    """Return the log-density at ``x: (B, D)``, ``(B,)`` float64; the additional memory does not grow with B."""
    # filled in place: concatenating the blocks would take twice the memory
    values = torch.empty(len(x), dtype=torch.float64, device=x.device)
    rows = at_once(x)
    for start in range(0, len(x), rows):
        values[start : start + rows] = model.log_density(x[start : start + rows])
    return values


def score_in_blocks(model: Density, x: Tensor) -> Tensor:
    """Return the score grad log_density at ``x: (B, D)``, ``(B, D)``, in blocks and without a graph."""
    return torch.cat([gradient(model.log_density, rows) for rows in x.split(at_once(x))])


def gradient(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return the gradient at ``x: (B, D)`` of ``function``, ``(B, D)`` -> ``(B,)`` point by point, without a graph."""
    points = x.detach().requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad(function(points).sum(), points)[0]
