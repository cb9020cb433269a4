"""Findings of an audit: one line per deviation from the committed results, and one summary line per check."""

from __future__ import annotations

import math
from typing import NamedTuple

#: outcomes; unknown: the check could not be made
OK, FAILED, UNKNOWN = "ok", "failed", "unknown"


class Finding(NamedTuple):
    """The outcome of a check at ``where``; ``fresh``, ``committed`` and ``tolerance`` if it concerns a number."""

    check: str
    where: str
    outcome: str
    detail: str
    fresh: float = math.nan
    committed: float = math.nan
    tolerance: float = math.nan

    @property
    def line(self) -> str:
        """Return the finding as one line for a terminal, even if a cell that it quotes has several."""
        return " ".join(f"{self.check}: {self.where}: {self.detail}".splitlines())


def summed(check: str, found: list[Finding], compared: int, of: str, more: str = "") -> list[Finding]:
    """Return the check's summary line followed by ``found``.

    A check that compared nothing fails, unless ``found`` says why it could not compare.
    """
    failed = sum(line.outcome == FAILED for line in found)
    unseen = sum(line.outcome == UNKNOWN for line in found)
    if not compared and not found:
        return [Finding(check, "all", FAILED, f"no {of} to compare; at least one is needed")]
    detail = f"{compared} {of} compared, {failed} differ from the committed ones{more}"
    detail += f", {unseen} that could not be checked" if unseen else ""
    outcome = FAILED if failed else UNKNOWN if unseen else OK
    return [Finding(check, "all", outcome, detail), *found]
