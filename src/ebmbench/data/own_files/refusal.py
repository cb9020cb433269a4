"""The error of a user's file that cannot be used, and words of its message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ebmbench.core.errors import UserError


class RefusedFileError(Exception):
    """A file that cannot be used; the message continues a line that begins with the file's name."""


@contextmanager
def problems_of(path: Path | str) -> Iterator[None]:
    """Turn a :class:`RefusedFileError` into a :class:`UserError` whose line begins with the file's name."""
    try:
        yield
    except RefusedFileError as error:
        raise UserError(f"{path}: {error}") from error


def ending(path: Path) -> str:
    """Return the beginning of a line on how the name of a file ends."""
    return f"the name ends in {path.suffix!r}" if path.suffix else "the name has no ending"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, as in ``1 row`` and ``2 rows``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def not_numbers(values: int, of: int | None = None) -> str:
    """Return how many values are not numbers, as in ``1 value is not a number``, ``2 values of 9 are not numbers``."""
    found = counted(values, "value") + (f" of {of:,}" if of is not None else "")
    return f"{found} is not a number" if values == 1 else f"{found} are not numbers"
