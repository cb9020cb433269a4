"""Claims judged again by the committed runs: a verdict that is not the committed one is a finding."""

from __future__ import annotations

import pandas as pd

from ebmbench.provenance.audit.finding import FAILED, Finding, summed

_KEY = ["id", "on"]


def changed(again: pd.DataFrame, committed: pd.DataFrame) -> list[Finding]:
    """Findings on claims.csv, entry by entry. That a claim is not held is none: only that its verdict is another."""
    columns = [*_KEY, "verdict"]
    both = again[columns].merge(committed[columns], on=_KEY, how="outer", suffixes=("_again", "_committed"))
    both = both.fillna({"verdict_again": "no longer judged", "verdict_committed": "not in the committed table"})
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
