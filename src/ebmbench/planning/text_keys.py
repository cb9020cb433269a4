"""Check that every key of a configuration is text: YAML reads off, no and 1 as other values. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ebmbench.core.errors import UserError


def check_keys(content: Any) -> None:
    """Raise :class:`UserError` with one line for the first key in a configuration, at any depth, that is not text."""
    for place, key in _keys(content, ""):
        if not isinstance(key, str):
            where = "config" if not place else f"config: {place.lstrip('.')}"
            raise UserError(
                f"{where}: the name {key!r} is not text; allowed: names in quotes where YAML reads them as something "
                "else, such as 'off', 'yes' or '1'"
            )


def _keys(content: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Iterate over all keys, each with the place of the map that has it, such as ``.losses.ed``."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield place, key
            yield from _keys(value, f"{place}.{key}")
    if isinstance(content, list):
        for number, value in enumerate(content):
            yield from _keys(value, f"{place}[{number}]")
