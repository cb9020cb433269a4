"""Functions of many rows in little memory."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ebmbench.models.interface import Density

#: rows evaluated at once, at most and at least, and the numbers in them: what they become on the way is to stay in a
#: processor's cache, where convolutions and functions of pixels are several times faster
ROWS, FEWEST, NUMBERS = 256, 64, 2**16


def at_once(x: Tensor) -> int:
    """How many of the rows ``x: (B, ...)`` are evaluated at once."""
    return min(ROWS, max(FEWEST, NUMBERS // max(1, x[0].numel()))) if len(x) else ROWS


@torch.no_grad()
def in_blocks(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """``function`` of ``x: (B, ...)``, which maps row by row, in blocks: its own memory does not grow with B."""
    return torch.cat([function(rows) for rows in x.split(at_once(x))])


@torch.no_grad()
def log_density_in_blocks(model: Density, x: Tensor) -> Tensor:
    """log_density at ``x: (B, D)`` -> ``(B,)`` float64; the memory it needs besides does not grow with B."""
    # filled in place: parts and the whole side by side would take twice the memory
    values = torch.empty(len(x), dtype=torch.float64, device=x.device)
    rows = at_once(x)
    for start in range(0, len(x), rows):
        values[start : start + rows] = model.log_density(x[start : start + rows])
    return values


def score_in_blocks(model: Density, x: Tensor) -> Tensor:
    """grad log_density at ``x: (B, D)`` -> ``(B, D)``, without a graph."""
    return torch.cat([gradient(model.log_density, rows) for rows in x.split(at_once(x))])


def gradient(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Of ``function``, ``(B, D)`` -> ``(B,)`` row by row, at ``x: (B, D)`` -> ``(B, D)``, without a graph."""
    points = x.detach().requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad(function(points).sum(), points)[0]
