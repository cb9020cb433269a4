"""Pages of the moment-match report: verdicts, their counts by set of statistics, and further measures."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ebmbench.reporting.comparison.equivalence import MATCHED, NOT_MATCHED, UNDECIDED
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.moment_match_report import HELD_OUT, NO_STATISTICS, ORACLE, TARGET
from ebmbench.reporting.number_text import interval_text, number_text

#: shown where there is no value
DASH = "—"

#: heading of a column of counts -> the role of the counted rows
_COUNTED = {
    "given these statistics": TARGET,
    "given others": HELD_OUT,
    "given none": NO_STATISTICS,
}


def verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """Format the verdicts, one row per cell and set, sorted by data set, role and set.

    Next to each verdict are those on the same network without statistics and on fresh samples from the data.
    """
    return pd.DataFrame([_names(row) | _decided(row) for row in _sorted(table)])


def measures(table: pd.DataFrame) -> pd.DataFrame:
    """Format what else is known of the statistics of each cell and set, in the order of :func:`verdicts`."""
    return pd.DataFrame([_names(row) | _measured(row) for row in _sorted(table)])


def counts(table: pd.DataFrame) -> pd.DataFrame:
    """Count the verdicts by set and by what the models were given, as matched / not matched / undecided.

    Samples from the data are counted apart.
    """
    shown = []
    for name, group in table.groupby("set", sort=True):
        trained = group[group["family"] != ORACLE]
        by_role = {heading: _counted(trained[trained["role"] == role]) for heading, role in _COUNTED.items()}
        shown.append(
            {"statistics": name} | by_role | {"samples from the data": _counted(group[group["family"] == ORACLE])}
        )
    return pd.DataFrame(shown)


def _sorted(table: pd.DataFrame) -> list[dict[str, Any]]:
    return table.sort_values(["dataset", "role", "set"], kind="stable").to_dict("records")


def _names(row: dict[str, Any]) -> dict[str, str]:
    return {
        "data set": row["dataset"],
        "method": method_label(row["family"], row["loss"], row["stats"]),
        "set": f"{row['set']} ({row['role']})" if row["role"] else row["set"],
    }


def _decided(row: dict[str, Any]) -> dict[str, str]:
    return {
        "verdict": f"{row['matched']} ({row['reason']})" if row["reason"] else row["matched"] or DASH,
        "without statistics": row["matched_without"],
        "samples from the data": row["matched_oracle"],
        "D² (bounds)": f"{_text(row['d2'])} ({_text(row['d2_low'])} to {_text(row['d2_high'])})",
        "floor of D²": _text(row["d2_floor95"]),
        "largest (sd)": _text(row["max"]),
    }


def _measured(row: dict[str, Any]) -> dict[str, str]:
    half = row["mismatch_ci_high"] - row["mismatch"]
    return {
        "mean (sd)": DASH if pd.isna(row["mismatch"]) else interval_text(row["mismatch"], half, positive=True),
        "floor (sd)": _text(row["floor95"]),
        "hard (sd)": _text(row["mean"]),
        "above 2 errors": _text(row["fraction"]),
        "sampler (sd)": _text(row["sampler"]),
        "W1 / floor (sd)": f"{_text(row['w1'])} / {_text(row['w1_floor'])}",
        "head-room (nats)": _text(row["headroom"]),
        "on test rows (nats)": _text(row["headroom_test"]),
        "Stein": _text(row["stein"]),
        "noise and back (sd)": _text(row["ed"]),
        "gain / gained (nats)": f"{_text(row['gain'])} / {_text(row['gained'])}" if row["gain"] > -1 else "",
    }


def _counted(rows: pd.DataFrame) -> str:
    found = [int((rows["matched"] == word).sum()) for word in (MATCHED, NOT_MATCHED, UNDECIDED)]
    return " / ".join(map(str, found)) if sum(found) else DASH


def _text(value: float) -> str:
    return DASH if pd.isna(value) else number_text(value, 3)
