"""Costs of runs, one row per cell: seconds, evaluations, parameters and memory."""

from __future__ import annotations

import pandas as pd

from ebmbench.core.cells import AXES


def cost(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the median costs over the runs with status ok, one row per cell.

    Seconds are wall-clock, evaluations count points, memory is the process's peak in 10^6 bytes. ``runs``
    counts the runs in the median, ``failed`` the excluded ones.
    """
    figures = {
        "train_seconds": "train.seconds",
        "train_cpu_seconds": "train.cpu_seconds",
        "train_energy_evaluations": "train.energy_evaluations",
        "train_gradient_evaluations": "train.gradient_evaluations",
        "sampling_seconds": "sampling.seconds",
        "sampling_energy_evaluations": "sampling.energy_evaluations",
        "sampling_gradient_evaluations": "sampling.gradient_evaluations",
        "parameters": "train.parameters",
        "peak_memory_mb": "train.peak_memory_mb",
    }
    rows = []
    for names, group in runs.groupby(list(AXES), sort=True):
        ok = group[group["status"] == "ok"]
        medians = {name: ok[source].astype(float).median() for name, source in figures.items()}
        counts = {"runs": len(ok), "failed": len(group) - len(ok)}
        rows.append(dict(zip(AXES, names, strict=True)) | counts | medians)
    return pd.DataFrame(rows)
