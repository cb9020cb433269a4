"""Draws from an explicit generator, also by libraries that know only torch's global stream."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


@contextmanager
def seeded(generator: torch.Generator) -> Iterator[None]:
    """Within the block torch's global stream starts from a draw of ``generator``; restored afterwards."""
    seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def normal_like(x: Tensor, generator: torch.Generator) -> Tensor:
    """Standard normal noise of the shape, type and device of ``x``."""
    return torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)


def noisy_copies(x: Tensor, t: float, copies: int, generator: torch.Generator) -> Tensor:
    """``(N, M, D)``: M = ``copies`` draws of N(y_i, t I) around one y_i ~ N(x_i, t I) for each row of ``x: (N, D)``."""
    noise = math.sqrt(t) * normal_like(x[:, None].expand(-1, copies + 1, -1), generator)
    return x[:, None] + noise[:, :1] + noise[:, 1:]
