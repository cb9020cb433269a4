"""Runs without a result: what failed, at which step, and why."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.reporting.comparison.tables import method_label

#: what can fail in a run -> its columns of runs.csv
_PARTS = {
    "training": ("status", "reason"),
    "likelihood": ("likelihood.status", "likelihood.reason"),
    "samples": ("samples.status", "samples.reason"),
}

COLUMNS = (*AXES, "seed", "part", "status", "step", "reason", "run")


def failures(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a failure in ``runs`` (runs.csv): the part that failed first, its status, and the reason.

    ``step`` is that at which training ended. A part that its method does not have (status skipped) is no failure.
    """
    found = [row for run in runs.to_dict("records") for row in _of_run(run)]
    return pd.DataFrame(found, columns=list(COLUMNS))


def _of_run(run: dict[Hashable, object]) -> list[dict[str, object]]:
    head = {name: run[name] for name in (*AXES, "seed", "run")} | {"step": run["train.steps"]}
    rows = []
    for part, (status, reason) in _PARTS.items():
        if run[status] not in ("ok", "skipped"):
            rows.append(head | {"part": part, "status": run[status], "reason": run[reason]})
        if part == "training" and rows:
            # the other parts repeat it
            break
    return rows


def failures_page(table: pd.DataFrame) -> pd.DataFrame:
    """:func:`failures` for a reader: a row a cell, part and status, with its seeds, steps and first reason."""
    rows = []
    for (dataset, *names), group in table.groupby([*AXES, "part", "status"], sort=True):
        *method, part, status = names
        rows.append(
            {
                "dataset": dataset,
                "method": method_label(*method),
                "failed": part,
                "status": status,
                "seeds": ", ".join(str(seed) for seed in group["seed"]),
                "at step": ", ".join(f"{step:.0f}" for step in group["step"]),
                "reason of the first": group["reason"].iloc[0],
            }
        )
    return pd.DataFrame(rows)
