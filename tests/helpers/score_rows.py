"""Rows of scores as runs give them, made by hand."""

from __future__ import annotations

import math

import pandas as pd

from ebmbench.reporting.comparison.tables import (
    summarise,
)


def rows_of(
    method: str, metric: str, split: str, values: list[float | str], stderr: float = 0.1, law: str = "model"
) -> list[dict]:
    """A row a seed: a number is a value, a word a status."""
    family, loss, stats = method.split("-")
    head = {"dataset": "moons", "family": family, "loss": loss, "stats": stats, "split": split, "metric": metric}
    head |= {"law": law, "beta": 1.0, "mark": None}
    return [
        head | {"seed": seed, "run": f"moons/{method}/s{seed}", "value": math.nan, "stderr": math.nan}
        | ({"status": value} if isinstance(value, str) else {"status": "ok", "value": value, "stderr": stderr})
        for seed, value in enumerate(values)
    ]  # fmt: skip


def frame(*rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame([row for part in rows for row in part])


def summary_of(*rows: list[dict]) -> pd.DataFrame:
    return summarise(frame(*rows))
