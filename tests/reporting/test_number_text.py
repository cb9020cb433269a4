"""Numbers as a person writes them: what is shown parses back within its rounding, and looks like no machine's."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebmbench.reporting.number_text import interval_text, number_text

NUMBER = r"-?\d+(?:\.\d+)?(?:e-?[1-9]\d*)?"
PLUS_MINUS = re.compile(rf"({NUMBER}) ± ({NUMBER})")
BOUNDS = re.compile(rf"({NUMBER}) \[({NUMBER}), ({NUMBER})\]")

values = st.floats(1e-12, 1e12) | st.floats(-1e12, -1e-12)
halves = st.floats(1e-12, 1e12)


@pytest.mark.parametrize(
    ("mean", "half", "text"),
    [
        (2.14527, 0.00123, "2.1453 ± 0.0012"),
        (2.14527, 0.0996, "2.15 ± 0.10"),
        (12.3456, 3.21, "12.3 ± 3.2"),
        (1234.5, 67.8, "1234 ± 68"),
        (1234.5, 678.0, "1234 ± 680"),
        (2.084458, 0.000028, "2.08446 ± 0.00003"),
        (2.084458, 0.0000028, "2.084458 ± 0.000003"),
        (2.084458, 2.8e-9, "2.084458 ± 3e-9"),
        (0.000123, 0.0000012, "0.000123 ± 0.000001"),
        (1.23456e-5, 3.21e-7, "1.235e-5 ± 0.032e-5"),
        (4.025e-6, 7.1e-8, "4.025e-6 ± 0.071e-6"),
        (-2.5e8, 1.3e7, "-2.50e8 ± 0.13e8"),
        (4.025e-6, 1e-15, "4.025000e-6 ± 1e-15"),
        (0.0078125, 1e-12, "0.007812500 ± 1e-12"),
        (0.1, 0.1, "0.10 ± 0.10"),
        (2.14527, math.nan, "2.145"),
        (2.14527, 0.0, "2.145 ± 0"),
        (2.14527, 1e-14, "2.145 ± 0"),
        (2.14527, math.inf, "2.145 ± inf"),
        (math.inf, 1.0, "inf"),
        (math.nan, math.nan, "nan"),
        (0.0, 0.0, "0 ± 0"),
    ],
)
def test_digits_follow_the_interval(mean, half, text):
    assert interval_text(mean, half) == text


@pytest.mark.parametrize(
    ("mean", "half", "positive", "text"),
    [
        (11.0, 110.0, True, "11 [0, 120]"),
        (11.0, 110.0, False, "11 [-100, 120]"),
        (0.047, 0.093, True, "0.047 [0, 0.14]"),
        (-0.002, 0.0044, False, "-0.0020 [-0.0064, 0.0024]"),
        (0.00003, 0.00071, False, "0.00003 [-0.00068, 0.00074]"),
        (0.0, 0.0012, False, "0 [-0.0012, 0.0012]"),
        (-0.00001, 0.0012, False, "0 [-0.0012, 0.0012]"),
        (3.1e-7, 6.7e-7, True, "3.1e-7 [0, 9.8e-7]"),
        (3.1e-7, 6.7e-7, False, "3.1e-7 [-3.6e-7, 9.8e-7]"),
        (1234.0, 5678.0, False, "1200 [-4400, 6900]"),
        (2e6, 3e6, True, "2.0e6 [0, 5.0e6]"),
        (0.0198, 0.024, True, "0.020 [0, 0.044]"),
        (1e-9, 1.0, True, "1.0e-9 [0, 1.0]"),
        (0.0, 1.0, True, "0 [0, 1.0]"),
        (1.004, 1.05, False, "1.0 [0, 2.1]"),
    ],
)
def test_an_interval_wider_than_its_mean_shows_its_ends_on_the_metrics_scale(mean, half, positive, text):
    assert interval_text(mean, half, positive) == text


def error(shown: str, value: float) -> float:
    return abs(float(shown) - value)


def misread(text: str, mean: float, half: float, positive: bool = False) -> str:
    """Return what is wrong with the text of an interval, or nothing."""
    narrow, wide = PLUS_MINUS.fullmatch(text), BOUNDS.fullmatch(text)
    if half > abs(mean):
        if wide is None:
            return "not a mean with two ends"
        middle, low, high = wide.groups()
        least = max(mean - half, 0.0) if positive else mean - half
        if positive and float(low) < 0:
            return "an end below 0"
        if any(len(digits(end)) > 2 for end in (middle, low, high)):
            return "more than two significant digits"
        ends = ((low, least), (middle, mean), (high, mean + half))
        return "" if all(error(end, of) <= 0.051 * max(half, abs(of)) for end, of in ends) else "other values"
    if narrow is None:
        return "not a mean with a half"
    near = error(narrow[2], half) <= 0.5 * half and error(narrow[1], mean) <= max(0.55 * half, 1e-6 * abs(mean))
    return "" if near else "other values"


def digits(shown: str) -> str:
    return shown.lstrip("-").partition("e")[0].replace(".", "").lstrip("0").rstrip("0")


@settings(max_examples=500)
@given(values, halves, st.booleans())
def test_what_is_shown_parses_back_within_its_rounding(mean, half, positive):
    mean = abs(mean) if positive else mean
    if half > 1e-11 * abs(mean):
        assert misread(interval_text(mean, half, positive), mean, half, positive) == ""


@pytest.mark.parametrize(
    ("text", "mean", "half", "positive"),
    [
        ("(2.084458 ± 0.000028)e+00", 2.084458, 0.000028, False),
        ("2.084458e+00 ± 0.000028e+00", 2.084458, 0.000028, False),
        ("2.0845 ± 0.0000", 2.084458, 0.000028, False),
        ("11 ± 110", 11.0, 110.0, True),
        ("11 [-99, 120]", 11.0, 110.0, True),
        ("11 [0, 121]", 11.0, 110.0, True),
        ("11 [0, 100]", 11.0, 110.0, True),
    ],
)
def test_other_ways_to_write_it_are_found(text, mean, half, positive):
    assert misread(text, mean, half, positive) != ""


@settings(max_examples=300)
@given(values, st.integers(1, 6))
def test_a_number_parses_back_and_has_an_exponent_only_far_from_one(value, shown):
    text = number_text(value, shown)
    assert re.fullmatch(NUMBER, text)
    assert error(text, value) <= 0.5 * 10.0 ** (1 - shown) * abs(value) * (1 + 1e-9)
    assert ("e" in text) == (abs(float(text)) < 1e-4 or abs(float(text)) >= 1e6)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (12345.6, "12346"), (1.833e-9, "1.833e-9"), (2.5e8, "2.5e8"), (-0.0, "0"), (999999.9, "1e6")],
)
def test_a_number_alone_has_four_digits_at_most_below_ten_thousand(value, text):
    assert number_text(value) == text
