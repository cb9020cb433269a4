"""Random numbers from an explicit generator, also for libraries that only use torch's global stream."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


@contextmanager
def seeded(generator: torch.Generator) -> Iterator[None]:
    """Seed torch's global stream from ``generator`` within the block, and restore it afterwards."""
    seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def normal_like(x: Tensor, generator: torch.Generator) -> Tensor:
    """Sample standard normal noise of the shape, type and device of ``x``."""
    return torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)


def noisy_copies(x: Tensor, t: float, copies: int, generator: torch.Generator) -> Tensor:
    """Return ``(N, M, D)``: M = ``copies`` samples of N(y_i, t I), one y_i ~ N(x_i, t I) per row of ``x: (N, D)``."""
    noise = math.sqrt(t) * normal_like(x[:, None].expand(-1, copies + 1, -1), generator)
    return x[:, None] + noise[:, :1] + noise[:, 1:]
