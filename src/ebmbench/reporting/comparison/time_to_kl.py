"""Cost to reach a given KL, compared with a reference method."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.reporting.comparison.intervals import interval
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.number_text import interval_text, number_text

_METHOD = list(AXES[1:])


class KLTarget(NamedTuple):
    """A target ``kl`` in nats, and the reference method's family, loss and statistics."""

    kl: float
    reference: tuple[str, str, str]


def costs(curves: pd.DataFrame, runs: pd.DataFrame, targets: Mapping[str, KLTarget]) -> pd.DataFrame:
    """Return, per run on a data set with a target, the cost at the first checkpoint with KL(data || model) <= target.

    ``curves`` and ``runs`` are the collected tables. A run that did not reach the target, or has no result, has
    ``reached`` False and the costs of its last checkpoint. ``ratio``: the reference's seconds on the same seed
    divided by the run's. If the reference did not reach the target, its last checkpoint counts, which makes the ratio
    a lower bound. Empty if the run itself did not reach the target, or the reference lacks the seed.
    """
    usable = set(runs["run"][runs["status"] == "ok"])
    rows = []
    for names, curve in curves.groupby([*AXES, "seed"], sort=True):
        head = dict(zip([*AXES, "seed"], names, strict=True))
        run = "{dataset}/{family}-{loss}-{stats}/s{seed}".format(**head)
        curve = curve[curve["kl"].notna() & (curve["seconds"] > 0)].sort_values("step")
        if head["dataset"] in targets and len(curve):
            target = targets[head["dataset"]]
            rows.append(head | {"target_kl": target.kl} | _cost(curve, target.kl, run in usable))
    table = pd.DataFrame(rows)
    return table if table.empty else table.assign(ratio=_ratios(table, targets))


def _cost(curve: pd.DataFrame, kl: float, usable: bool) -> dict[str, Any]:
    there = curve[curve["kl"] <= kl] if usable else curve[:0]
    row = there.iloc[0] if len(there) else curve.iloc[-1]
    return {
        "reached": len(there) > 0,
        "kl": row["kl"],
        "step": row["step"],
        "evaluations": row["energy_evaluations"] + row["gradient_evaluations"],
        "seconds": row["seconds"],
    }


def _ratios(table: pd.DataFrame, targets: Mapping[str, KLTarget]) -> list[float]:
    seconds = {}
    for row in table.to_dict("records"):
        if tuple(row[axis] for axis in _METHOD) == targets[row["dataset"]].reference:
            seconds[row["dataset"], row["seed"]] = row["seconds"]
    return [
        seconds.get((row["dataset"], row["seed"]), math.nan) / row["seconds"] if row["reached"] else math.nan
        for row in table.to_dict("records")
    ]


def time_to_kl_page(table: pd.DataFrame) -> pd.DataFrame:
    """Format :func:`costs` for a reader: one row per cell, means over seeds that reached the target, fastest first."""
    rows = []
    for (dataset, *method), group in table.groupby(list(AXES), sort=True):
        there = group[group["reached"]]
        row = {
            "dataset": dataset,
            "method": method_label(*method),
            "target KL": number_text(group["target_kl"].iloc[0]),
        }
        row |= {"reached": f"{len(there)} of {len(group)}", "least seconds": there["seconds"].mean()}
        for heading, name in (("steps", "step"), ("evaluations", "evaluations"), ("seconds", "seconds")):
            row[heading] = _mean(there[name])
        ratio = there["ratio"].dropna()
        row["seconds of the reference / its seconds"] = _mean(ratio)
        row["least ratio"] = number_text(ratio.min(), 3) if len(ratio) else ""
        rows.append(row)
    shown = pd.DataFrame(rows).sort_values(["dataset", "least seconds"], kind="stable")
    return shown.drop(columns="least seconds")


def _mean(values: pd.Series) -> str:
    if values.empty:
        return ""
    of = interval(values.astype(float))
    return interval_text(of.mean, of.half, positive=True)
