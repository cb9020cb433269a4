"""The type of whole numbers on the command line that have a least value."""

from __future__ import annotations

from typing import Any

import click


class WholeNumber(click.types.IntParamType):
    """A whole number of at least ``least``."""

    def __init__(self, least: int) -> None:
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number; fail with one line that says what is allowed."""
        number = super().convert(value, param, ctx)
        if number < self.least:
            self.fail(f"{number}; allowed: {self.least} or more", param, ctx)
        return number
