"""Choice of the torch device."""

from __future__ import annotations

import torch

from ebmbench.core.errors import UserError

CPU = torch.device("cpu")


def resolve(name: str) -> torch.device:
    """Return the torch device called ``name``; ``auto`` is cuda if available, else cpu.

    Raises :class:`UserError` for cuda on a machine without it.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise UserError("device: cuda is selected but torch finds no CUDA device; allowed here: auto, cpu")
    return torch.device(name)
