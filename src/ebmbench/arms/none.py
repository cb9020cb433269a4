"""No statistics."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NoArm"]


@dataclass(frozen=True)
class NoArm:
    """K = 0: a model of its network, or of its base, alone."""
