"""Text of tables as LaTeX prints it literally."""

from __future__ import annotations

import re

#: character that LaTeX would read as a command, or that its fonts lack -> how it is written
_TEX = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    # after the end of a line, a plain bracket would be read as an option
    "[": "{[}",
    "−": "$-$",
    "±": r"$\pm$",
    "·": r"$\cdot$",
    "—": "---",
    "†": r"$^\dagger$",
    "‡": r"$^\ddagger$",
    "§": r"\S{}",
    "²": r"$^2$",
}

#: the hyphen of a number below 0
_MINUS = re.compile(r"(?<![\w.\-])-(?=\d)")


def with_minus(text: str) -> str:
    """Replace the hyphens of numbers below 0 by minus signs."""
    return _MINUS.sub("−", text)


def escape(text: str) -> str:
    """Escape ``text`` so that LaTeX prints it literally."""
    return "".join(_TEX.get(sign, sign) for sign in text)
