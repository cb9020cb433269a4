"""Compare one run's fresh scores with its committed ones, digit by digit."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ebmbench.core.columns import SCORES_KEY
from ebmbench.core.csv_schema import read_fields, read_typed
from ebmbench.provenance.audit.fresh_run import rounding
from ebmbench.provenance.audit.seed_spread import CONTROL
from ebmbench.provenance.audit.tolerances import Tolerance, tolerance_of

#: outcomes for a number: all digits are the committed ones, it is within the audit's tolerance, it differs by more, it
#: is missing from the fresh scores, it is missing from the committed ones
SAME, NEAR, APART, MISSING, NEW = "same", "near", "apart", "missing", "new"

#: outcomes of a number that is not reproduced
FAILED = (APART, MISSING)


class Comparison(NamedTuple):
    """A number of a run: its name (metric, split and distribution), both values as text, and how they compare."""

    number: str
    committed: str
    fresh: str
    outcome: str
    verdict: str


def compare(fresh: pd.DataFrame, committed: Path, run: str) -> list[Comparison]:
    """Compare the rows ``fresh``, fields as text, with those of the run ``run`` in the scores.csv ``committed``.

    In the order of the committed rows; a number that only ``fresh`` has comes last. The tolerance of a number is that
    of :func:`.fresh_run.against`.
    """
    found = {_key(row): row for row in fresh.to_dict("records")}
    rows = read_fields(committed)
    rows = rows.assign(
        allowed=_allowed(
            read_typed(committed),
            [found.get(_key(row)) for row in rows.to_dict("records")],
            tolerance_of(committed.parent),
        )
    )
    held = {_key(row): row for row in rows[rows["run"] == run].to_dict("records")}
    compared = [_compared(key, row, found.get(key)) for key, row in held.items()]
    new = [(key, row) for key, row in found.items() if key not in held]
    return compared + [Comparison(_name(key), "", row["value"], NEW, "not in the committed run") for key, row in new]


def summary(compared: Sequence[Comparison]) -> str:
    """Return one line: how many numbers have the committed digits, and the names of those that are not reproduced."""
    count = Counter(of.outcome for of in compared)
    line = f"{count[SAME]} of {len(compared) - count[NEW]} numbers are the same in every digit"
    for outcome, words in (
        (NEAR, "are within the audit's tolerance"),
        (NEW, "more are not in the committed run"),
        (APART, "differ"),
        (MISSING, "are missing from the fresh run"),
    ):
        line += f"; {count[outcome]} {words}" if count[outcome] else ""
    failed = [of.number for of in compared if of.outcome in FAILED]
    return f"{line}: {', '.join(failed)}" if failed else line


def reproduced(compared: Sequence[Comparison]) -> bool:
    """Return whether every committed number is there again, to the last digit or within the audit's tolerance."""
    return not any(of.outcome in FAILED for of in compared)


def _allowed(committed: pd.DataFrame, again: Sequence[Mapping[str, str] | None], tolerance: Tolerance) -> pd.Series:
    """Return the deviation that is allowed in each row; ``again``: the fresh row in its place, or None.

    The tolerance is the smaller of those with the committed and with the fresh values, so that a deviating value does
    not widen its own.
    """
    pairs = zip(committed["value"], again, strict=True)
    fresh = committed.assign(value=[value if row is None else _number(row["value"]) for value, row in pairs])
    least = np.minimum(tolerance(committed), tolerance(fresh)).where(committed["loss"] != CONTROL, 0.0)
    return least.fillna(0.0) + rounding(committed["value"])


def _key(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row[name] for name in SCORES_KEY)


def _name(key: tuple[str, ...]) -> str:
    of = dict(zip(SCORES_KEY, key, strict=True))
    return f"{of['metric']} {of['split']} {of['distribution']}"


def _compared(key: tuple[str, ...], row: Mapping[str, Any], again: Mapping[str, str] | None) -> Comparison:
    if again is None:
        return Comparison(_name(key), row["value"], "", MISSING, "missing from the fresh run")
    return Comparison(_name(key), row["value"], again["value"], *_verdict(row, again))


def _verdict(row: Mapping[str, Any], again: Mapping[str, str]) -> tuple[str, str]:
    if again["status"] != row["status"]:
        return APART, f"status {again['status']}, committed {row['status']}"
    if again["value"] == row["value"]:
        error = "" if again["stderr"] == row["stderr"] else f"; its error {again['stderr']}, committed {row['stderr']}"
        return SAME, f"same in every digit{error}"
    apart = abs(_number(again["value"]) - _number(row["value"]))
    errors = apart / _number(row["stderr"]) if _number(row["stderr"]) > 0 else math.nan
    words = f"differs by {apart:.2g}" + ("" if math.isnan(errors) else f" ({errors:.2g} standard errors)")
    if apart <= row["allowed"]:
        return NEAR, f"{words}, within the audit's tolerance"
    return APART, f"{words}; allowed: {row['allowed']:.2g}"


def _number(text: str) -> float:
    return float(text) if text else math.nan
