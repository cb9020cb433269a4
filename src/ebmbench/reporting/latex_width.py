"""Widths of text in Computer Modern at \\footnotesize, in points, so that tables are split by measure."""

from __future__ import annotations

#: the width of a line of a plain article
LINE = 345.0

#: widths in points -> characters; from the metric files cmr8.tfm and cmbx8.tfm of the AMS fonts, and for signs that
#: LaTeX makes of others as pdflatex sets them
_ROMAN = {
    2.36: "il!',.:;[]`·",
    2.60: "fj",
    2.83: "- ",
    3.06: "I_",
    3.31: "rt()",
    3.36: "s",
    3.78: "cez",
    3.95: "†‡§",
    4.02: "?",
    4.17: "²",
    4.25: "ago0123456789$*/\\~^{}",
    4.36: "J",
    4.49: "kqvxy",
    4.72: "bdhnpuS",
    5.19: "Z",
    5.31: "L",
    5.54: "F",
    5.79: "EP",
    6.02: "B",
    6.14: "wCT",
    6.25: "R",
    6.37: "AHNUVXY",
    6.49: "D",
    6.61: "KOQ&+=@<>±−",
    6.67: "G",
    7.09: "m#%",
    7.79: "M",
    8.50: "|—",
    8.73: "W",
}
_BOLD = {
    2.37: "·",
    2.73: "il',.:;[]`",
    2.99: "!fj",
    3.27: "- ",
    3.53: "_",
    3.67: "I",
    3.81: "t()",
    3.87: "s",
    3.95: "†‡§",
    4.05: "r",
    4.17: "²",
    4.36: "cz",
    4.49: "e",
    4.63: "?",
    4.77: "a",
    4.91: "go0123456789$*/\\~^{}",
    5.05: "J",
    5.18: "kqvxy",
    5.45: "bdhnpuS",
    5.89: "L",
    5.99: "Z",
    6.15: "F",
    6.43: "E",
    6.61: "±−",
    6.68: "P",
    6.82: "T",
    6.96: "B",
    7.08: "wC",
    7.32: "R",
    7.38: "OQAVXY",
    7.51: "DU",
    7.62: "&+=@<>",
    7.65: "HNK",
    7.70: "G",
    8.17: "m#%",
    9.28: "M",
    10.10: "W|—",
}


def _by_character(widths: dict[float, str]) -> dict[str, float]:
    return {sign: width for width, signs in widths.items() for sign in signs}


_WIDTHS = {False: _by_character(_ROMAN), True: _by_character(_BOLD)}


def text_width(text: str, bold: bool = False) -> float:
    """Return the width of a line of ``text``, as readers see it, at \\footnotesize in points.

    Kerning and ligatures, which make lines slightly narrower, are not counted; a character that is in no table counts
    as the widest one.
    """
    widths = _WIDTHS[bold]
    widest = max(widths.values())
    return sum(widths.get(sign, widest) for sign in text)
