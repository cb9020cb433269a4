"""Audit of the claims: verdicts recomputed from the committed runs must equal the committed verdicts."""

from __future__ import annotations

import pandas as pd

from ebmbench.provenance.audit.finding import FAILED, Finding, summed

_KEY = ["id", "on"]


def changed(again: pd.DataFrame, committed: pd.DataFrame) -> list[Finding]:
    """Return findings on claims.csv, entry by entry: verdicts that have changed, whether or not a claim holds."""
    columns = [*_KEY, "verdict"]
    if missing := [name for name in columns if name not in committed]:
        return [Finding("claims", "all", FAILED, f"claims.csv: columns missing: {', '.join(missing)}")]
    both = again[columns].merge(committed[columns], on=_KEY, how="outer", suffixes=("_again", "_committed"))
    both = both.fillna({"verdict_again": "no longer tested", "verdict_committed": "not in the committed table"})
    apart = both[both["verdict_again"] != both["verdict_committed"]]
    found = [
        Finding(
            "claims",
            f"{row['id']} on {row['on']}",
            FAILED,
            f"{row['verdict_again']}, committed {row['verdict_committed']}",
        )
        for row in apart.to_dict("records")
    ]
    return summed("claims", found, len(both), "verdicts")
