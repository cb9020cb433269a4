"""Numbers that a reader recognises and a computer does not: with decimal commas, signs between thousands, units."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

#: a number with a decimal comma
DECIMAL_COMMA = re.compile(r"\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*")

#: digits in groups of three, of which a reader cannot say whether one comma is before thousands or before decimals
_ONE_COMMA = re.compile(r"\s*[+-]?[1-9]\d{0,2},\d{3}\s*")
_GROUPED = r"\d{1,3}(?:[,.'’\s]\d{3})+"
_THOUSANDS = re.compile(rf"\s*[+-]?{_GROUPED}(?:[.,]\d+)?\s*")

#: a number between a currency and a unit
_WITH_UNIT = re.compile(
    rf"\s*(?P<before>[$€£¥]?)\s*[+-]?(?:{_GROUPED}|\d+)?(?:[.,]?\d+)?(?:[eE][+-]?\d+)?(?P<after>\s*(?:[^\W\d_]|[%‰°$€£¥/])*)\s*"
)


class Spelling(NamedTuple):
    """How numbers are spelt: what is unusual about them, and what to do about it."""

    finding: str
    remedy: str


def is_number(field: str) -> bool:
    """Return whether a field is a number, with a decimal point or comma."""
    try:
        float(field.replace(",", "."))
    except ValueError:
        return False
    return True


def spelling_of(values: Sequence[object], beside_numbers: bool) -> Spelling | None:
    """Return how ``values`` spell numbers, if all of them spell numbers in one unusual way, else None.

    ``beside_numbers``: whether the rest of the column is numbers, so that a unit would be that of a few rows.
    """
    texts = [value for value in values if isinstance(value, str)]
    if not texts or len(texts) < len(values):
        return None
    spellings = OF_SOME if beside_numbers else (*OF_SOME, _with_unit)
    return next((found for spelling in spellings if (found := spelling(texts))), None)


def _one_comma(texts: Sequence[str]) -> Spelling | None:
    if not all(map(_ONE_COMMA.fullmatch, texts)):
        return None
    return Spelling(
        "numbers have one comma, before decimals or between thousands",
        'for decimals write decimal: ",", for thousands save them without it',
    )


def _decimal_commas(texts: Sequence[str]) -> Spelling | None:
    if not all(map(DECIMAL_COMMA.fullmatch, texts)):
        return None
    return Spelling("numbers have decimal commas", 'write decimal: ","')


def _thousands(texts: Sequence[str]) -> Spelling | None:
    if not all(map(_THOUSANDS.fullmatch, texts)):
        return None
    return Spelling("numbers have signs between thousands", "save them without these")


def _with_unit(texts: Sequence[str]) -> Spelling | None:
    found = [match for text in texts if any(map(str.isdigit, text)) and (match := _WITH_UNIT.fullmatch(text))]
    units = {(match["before"] + match["after"]).strip() for match in found}
    if len(found) < len(texts) or len(units) > 1:
        return None
    (unit,) = units
    return Spelling(f"each number has {unit!r} with it", "save them without it") if unit else None


#: spellings of a column in which others may be plain numbers, in the order in which they are tried
OF_SOME: tuple[Callable[[Sequence[str]], Spelling | None], ...] = (_one_comma, _decimal_commas, _thousands)
