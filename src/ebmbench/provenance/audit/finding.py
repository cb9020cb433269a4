"""What an audit finds: a line a thing that is not as committed, and a line a check that says what it looked at."""

from __future__ import annotations

import math
from typing import NamedTuple

#: outcomes; unknown: what could not be looked at
OK, FAILED, UNKNOWN = "ok", "failed", "unknown"


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
    """``found`` after the check's own line; comparing nothing is a failure, unless it says what kept it from that."""
    failed = sum(line.outcome == FAILED for line in found)
    unseen = sum(line.outcome == UNKNOWN for line in found)
    if not compared and not found:
        return [Finding(check, "all", FAILED, f"no {of} to compare; allowed: one or more")]
    detail = f"{compared} {of} compared, {failed} not as committed{more}"
    detail += f", {unseen} that could not be looked at" if unseen else ""
    outcome = FAILED if failed else UNKNOWN if unseen else OK
    return [Finding(check, "all", outcome, detail), *found]
