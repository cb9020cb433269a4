"""Check whole numbers that a user gives: seeds and numbers of samples."""

from __future__ import annotations

import operator

from ebmbench.core.errors import UserError


def checked_seed(seed: object) -> int:
    """Return ``seed``; raise :class:`UserError` unless it is a whole number from 0 on."""
    return checked_number("seed", seed, least=0)


def checked_number(where: str, number: object, least: int) -> int:
    """Return ``number``; raise :class:`UserError` unless it is a whole number of at least ``least``.

    The message begins with ``where``. Whole numbers of NumPy are admitted.
    """
    try:
        whole = operator.index(number)  # type: ignore[arg-type]
    except TypeError:
        whole = least - 1
    if whole < least:
        raise UserError(f"{where} = {number!r}; allowed: a whole number, {least} or more")
    return whole
