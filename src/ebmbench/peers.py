"""Packages that this suite does without, and compares itself with."""

from __future__ import annotations

import importlib
from types import ModuleType

from ebmbench.errors import UserError


def package(name: str, importable: str) -> ModuleType:
    """The module ``importable`` of the package ``name``; raises :class:`UserError` where that is not installed."""
    try:
        return importlib.import_module(importable)
    except ImportError as error:
        raise UserError(
            f"package {name} is not installed: pip install --no-deps --requirement envs/peers.txt, or exclude the cell"
        ) from error
