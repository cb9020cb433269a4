"""Runs without a result, with the part that failed, the step and the reason; single metrics without a value."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.core.name_lists import first_names
from ebmbench.reporting.comparison.method_label import method_label

#: part of a run that can fail -> its columns of runs.csv
_PARTS = {
    "training": ("status", "reason"),
    "likelihood": ("likelihood.status", "likelihood.reason"),
    "samples": ("samples.status", "samples.reason"),
}

COLUMNS = (*AXES, "seed", "part", "status", "step", "reason", "run")


def failures(runs: pd.DataFrame) -> pd.DataFrame:
    """Return one row per failure in ``runs`` (runs.csv): the part that failed first, its status, and the reason.

    ``step`` is the step at which training ended. A part that the method does not have (status skipped) is no failure.
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
            # the other parts repeat the failure of training
            break
    return rows


def failures_page(table: pd.DataFrame) -> pd.DataFrame:
    """Format :func:`failures` for a reader: one row per cell, part and status, with seeds, steps and first reason."""
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
                "at step": ", ".join("—" if pd.isna(step) else f"{step:.0f}" for step in group["step"]),
                "reason of the first": group["reason"].iloc[0],
            }
        )
    return pd.DataFrame(rows)


def metric_failures(scores: pd.DataFrame, failed: pd.DataFrame) -> pd.DataFrame:
    """Format metrics that failed in runs without another failure for a reader: one row per cell and distribution.

    ``scores``: scores.csv; ``failed``: those of :func:`failures`, whose metrics repeat its reasons.
    """
    alone = scores[~scores["status"].isin(["ok", "skipped"]) & ~scores["run"].isin(failed["run"])]
    rows = []
    for (dataset, *method, distribution), group in alone.groupby([*AXES, "distribution"], sort=True):
        rows.append(
            {
                "dataset": dataset,
                "method": method_label(*method),
                "distribution": distribution,
                "metrics": first_names(group["metric"].drop_duplicates().tolist()),
                "seeds": ", ".join(str(seed) for seed in sorted(set(group["seed"]))),
                "reason of the first": group["reason"].iloc[0],
            }
        )
    return pd.DataFrame(rows)
