"""Where tensors live."""

from __future__ import annotations

import torch

from ebmbench.core.errors import UserError


def resolve(name: str) -> torch.device:
    """``auto`` is cuda where there is one, else cpu; raises :class:`UserError` for cuda without one."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise UserError("device: cuda is asked for but torch sees none; allowed here: auto, cpu")
    return torch.device(name)
