"""What an audit finds: a line a thing that is not as committed, and a line a check that says what it looked at."""

from __future__ import annotations

import math
from typing import NamedTuple

#: outcomes
OK, FAILED = "ok", "failed"


class Finding(NamedTuple):
    """A check's word on ``where``; ``fresh``, ``committed`` and ``tolerance`` where it is about a number."""

    check: str
    where: str
    outcome: str
    detail: str
    fresh: float = math.nan
    committed: float = math.nan
    tolerance: float = math.nan

    @property
    def line(self) -> str:
        """One line for a terminal."""
        return f"{self.check}: {self.where}: {self.detail}"


def summed(check: str, found: list[Finding], compared: int, of: str, more: str = "") -> list[Finding]:
    """``found`` after the check's own line; comparing nothing is a failure of its own."""
    if not compared:
        return [Finding(check, "all", FAILED, f"no {of} to compare; allowed: one or more"), *found]
    detail = f"{compared} {of} compared, {len(found)} not as committed{more}"
    return [Finding(check, "all", FAILED if found else OK, detail), *found]
