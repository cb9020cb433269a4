"""Numbers and intervals as text for readers."""

from __future__ import annotations

import math

#: a value from 10^SMALLEST up to 10^LARGEST, without its upper end, is written without an exponent
SMALLEST, LARGEST = -4, 6

#: two digits of half an interval are shown where they need at most so many decimals, else one digit
_DECIMALS = 5

#: the most decimals with which half an interval is written out
_MOST = 7

#: half an interval below this fraction of the mean is the rounding of the mean's own digits
_ROUNDING = 1e-12


def number_text(value: float, digits: int = 4) -> str:
    """Format a number with at most ``digits`` significant digits, whole from 10^``digits`` on: ``0.1``, ``12346``.

    Below 10^-4 and from 10^6 on it has an exponent without zeros: ``1.8e-9``. A missing value is ``nan``.
    """
    if value == 0:
        return "0"
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    if not exponent:
        return mantissa
    return f"{value:.0f}" if 0 < int(exponent) < LARGEST else f"{mantissa}e{int(exponent)}"


def interval_text(mean: float, half: float, positive: bool = False) -> str:
    """Format a mean and half the width of its interval for readers: ``2.145 ± 0.012``, or ``11 [0, 120]``.

    The rules, in this order:

    * without an interval (``half`` is NaN): the mean alone, by :func:`number_text`;
    * ``half`` is 0, or below 1e-12 of the mean: ``mean ± 0``;
    * ``half`` is larger than ``|mean|``: ``mean [low, high]``, each with two significant digits at most and no finer
      than the second digit of ``half``. On a ``positive`` scale ``low`` is 0 instead of negative;
    * else ``mean ± half`` with two significant digits of ``half``, or one where two need more than five decimals, and
      as many decimals of the mean. A ``half`` that needs more than seven decimals has an exponent instead.

    A mean below 10^-4 or from 10^6 on is written with an exponent, ``half`` with the same one:
    ``4.03e-6 ± 0.07e-6``. Bounds follow the size of ``half`` in the same way.
    """
    if math.isnan(half) or not math.isfinite(mean):
        return number_text(mean)
    if half <= _ROUNDING * abs(mean):
        return f"{number_text(mean)} ± 0"
    if math.isinf(half):
        return f"{number_text(mean)} ± inf"
    return _bounds(mean, half, positive) if half > abs(mean) else _plus_minus(mean, half)


def _plus_minus(mean: float, half: float) -> str:
    scale, exponent = _exponent(mean)
    decimals = max(_place(half / scale, 2), 0)
    if decimals > _DECIMALS:
        decimals = max(_place(half / scale, 1), 0)
    if decimals > _MOST:
        decimals = max(_MOST - 1, _place(mean / scale, _MOST))
        return f"{mean / scale:.{decimals}f}{exponent} ± {number_text(half, 1)}"
    shown = half / scale if decimals else _rounded(half / scale, 2)
    return f"{mean / scale:.{decimals}f}{exponent} ± {shown:.{decimals}f}{exponent}"


def _bounds(mean: float, half: float, positive: bool) -> str:
    scale, exponent = _exponent(half)
    finest = _place(half / scale, 2)
    low = max(mean - half, 0.0) if positive else mean - half
    between = ", ".join(_bound(value / scale, finest, exponent) for value in (low, mean + half))
    # the mean of positive values is of interest even where it is far smaller than its interval
    if positive or finest < 0:
        scale, exponent = _exponent(mean or 1.0)
        finest = _place(mean / scale, 2) if mean else 0
    return f"{_bound(mean / scale, finest, exponent)} [{between}]"


def _bound(value: float, finest: int, exponent: str) -> str:
    """Round to two significant digits, and to no more than ``finest`` decimals."""
    decimals = finest if value == 0 else min(finest, _place(value, 2))
    rounded = round(value, decimals)
    if rounded == 0:
        return "0"
    return f"{rounded:.{max(decimals, 0)}f}{exponent}"


def _exponent(value: float) -> tuple[float, str]:
    """Return the power of ten by which a value is divided, and its text; 1 and none for a value written out."""
    size = math.floor(math.log10(abs(value)))
    return (1.0, "") if SMALLEST <= size < LARGEST else (10.0**size, f"e{size}")


def _place(value: float, digits: int) -> int:
    """Return the number of decimals, below 0 for tens and hundreds, that shows ``digits`` significant digits."""
    return digits - 1 - math.floor(math.log10(abs(_rounded(value, digits))))


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits - 1}e}")
