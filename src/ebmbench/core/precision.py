"""Mixed precision in training: bfloat16 networks, with methods that opt out of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import torch
from torch import Tensor

S = TypeVar("S")
R = TypeVar("R")
P = ParamSpec("P")

#: allowed values of the setting ``precision``
PRECISIONS = ("float32", "bfloat16")


def computing(precision: str, device: torch.device) -> AbstractContextManager:
    """Return a context in which matrix products and convolutions run in ``precision``; weights keep their type.

    Weights must not be updated within it: autocast caches their copies in ``precision`` until the context ends.
    """
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, dtype=getattr(torch, precision))


def exact(method: Callable[Concatenate[S, Tensor, P], R]) -> Callable[Concatenate[S, Tensor, P], R]:
    """Decorate ``method(self, x, ...)``, ``x: (B, D)``, so that it runs in full precision within :func:`computing`."""

    @wraps(method)
    def wrapped(self: S, x: Tensor, *arguments: P.args, **settings: P.kwargs) -> R:
        device = x.device.type
        if not torch.is_autocast_enabled(device):
            return method(self, x, *arguments, **settings)
        with torch.autocast(device, enabled=False):
            return method(self, x, *arguments, **settings)

    return wrapped
