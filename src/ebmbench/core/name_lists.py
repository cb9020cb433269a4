"""Lists of names in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def first_names(names: Sequence[object], most: int = 3) -> str:
    """Join names by commas; of more than ``most``, name the first ones and count the others: ``a, b, c and 2 more``."""
    others = len(names) - most
    return ", ".join(map(str, names[:most])) + (f" and {others} more" if others > 0 else "")
