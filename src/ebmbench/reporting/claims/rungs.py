"""Claims at several budgets: a verdict counts only if the two highest committed rungs of its grid agree on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from ebmbench.reporting.claims.claim import Claim
from ebmbench.reporting.claims.verdicts import UNDECIDED, Verdict

#: rung -> folder of the committed run, ascending; empty for a grid without committed rungs
Ladder = Mapping[int, str]


class AtRung(NamedTuple):
    """The verdict on a claim at a rung of its grid."""

    rung: int
    verdict: str


def views(claims: Sequence[Claim], ladders: Mapping[str, Ladder]) -> list[list[Claim]]:
    """Return the claims at the highest rung of each grid, then at the second highest, and so on.

    ``ladders``: those of the claims' grids. A claim without so many rungs is in each view at its lowest one, or on its
    own grid if that has none. There is at least one view.
    """
    depth = max((len(of) for of in ladders.values()), default=0)
    return [[_at(claim, ladders[claim.grid], place) for claim in claims] for place in range(max(1, depth))]


def _at(claim: Claim, ladder: Ladder, place: int) -> Claim:
    folders = list(ladder.values())[::-1]
    return replace(claim, grid=folders[min(place, len(folders) - 1)]) if folders else claim


def agreed(found: Sequence[Sequence[Verdict]], ladders: Sequence[Ladder]) -> list[Verdict]:
    """Return the verdicts of the first view, undecided where the second highest rung has another or there is none.

    ``found``: the verdicts of each view; ``ladders``: that of each claim. Each view is corrected for all its claims, so
    that a table of verdicts on which two views agree is wrong no more often than the first one alone.
    """
    return [_agreed(of, ladder) for of, ladder in zip(zip(*found, strict=True), ladders, strict=True)]


def _agreed(of: Sequence[Verdict], ladder: Ladder) -> Verdict:
    first, last = of[0], at_rungs(of, ladder)[-2:]
    one = len(last) == 1
    if not last or (first.verdict == UNDECIDED if one else last[0].verdict == last[1].verdict):
        return first
    words = ", ".join(f"{each.verdict} at x{each.rung}" for each in last)
    text = f"{words}, which no other rung confirms" if one else words
    weighed = first.of._replace(reasons=[*first.of.reasons, text])
    decide = first.would_decide or "a larger budget: the verdict is not the same on the two highest rungs"
    return first._replace(of=weighed, verdict=UNDECIDED, would_decide=decide)


def at_rungs(of: Sequence[Verdict], ladder: Ladder) -> list[AtRung]:
    """Return the verdicts on one claim in all views by rung, ascending; none for a grid without rungs."""
    return [AtRung(rung, each.verdict) for rung, each in zip(list(ladder)[::-1], of, strict=False)][::-1]


def table(found: Sequence[Sequence[Verdict]], ladders: Sequence[Ladder]) -> pd.DataFrame:
    """Return one row for each claim on a grid with rungs, and one column for each rung; empty if there are none."""
    rows = []
    for of, ladder in zip(zip(*found, strict=True), ladders, strict=True):
        if ladder:
            reported = {f"x{each.rung}": each.verdict for each in at_rungs(of, ladder)}
            rows.append({"claim": of[0].of.claim.id, **reported})
    order = sorted({name for row in rows for name in row if name != "claim"}, key=lambda name: int(name[1:]))
    return pd.DataFrame(rows, columns=["claim", *order]).fillna("")
