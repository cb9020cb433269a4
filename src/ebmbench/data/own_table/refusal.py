"""The error of a table that cannot be used, and words of its message."""

from __future__ import annotations

from collections.abc import Sequence

import yaml


class RefusedTableError(Exception):
    """A table that cannot be used; the message continues a line that begins with the file's name."""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, as in ``1 row`` and ``2 rows``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def write_drop(names: Sequence[str]) -> str:
    """Return what to write in a configuration to leave out columns, such as ``write drop: [site]``."""
    spelled = yaml.safe_dump(list(names), default_flow_style=True, allow_unicode=True, width=float("inf"))
    return f"write drop: {spelled.strip()}"
