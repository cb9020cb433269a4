"""Networks in lower precision within a step of training, and what keeps its own there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Any

import torch
from torch import Tensor

#: allowed values of the setting ``precision``
PRECISIONS = ("float32", "bfloat16")


def computing(precision: str, device: torch.device) -> AbstractContextManager:
    """Within it matrix products and convolutions are computed in ``precision``; weights stay as they are.

    They must not be moved within it: what they are in ``precision`` is kept until it ends.
    """
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, dtype=getattr(torch, precision))


def exact(method: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """``method(self, x, ...)``, ``x: (B, D)``, outside of :func:`computing` wherever it is called."""

    @wraps(method)
    def wrapped(self: Any, x: Tensor, *arguments: Tensor) -> Tensor:
        device = x.device.type
        if not torch.is_autocast_enabled(device):
            return method(self, x, *arguments)
        with torch.autocast(device, enabled=False):
            return method(self, x, *arguments)

    return wrapped
