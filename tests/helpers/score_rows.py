"""Rows of scores as runs give them, made by hand."""

from __future__ import annotations

import math

import pandas as pd

from ebmbench.reporting.comparison.summary import summarise


def rows_of(
    method: str, metric: str, split: str, values: list[float | str], stderr: float = 0.1, distribution: str = "model"
) -> list[dict]:
    """A row a seed: a number is a value, a word a status."""
    family, loss, stats = method.split("-")
    head = {"dataset": "moons", "family": family, "loss": loss, "stats": stats, "split": split, "metric": metric}
    head |= {"distribution": distribution, "beta": 1.0, "mark": None}
    return [
        head | {"seed": seed, "run": f"moons/{method}/s{seed}", "value": math.nan, "stderr": math.nan}
        | ({"status": value} if isinstance(value, str) else {"status": "ok", "value": value, "stderr": stderr})
        for seed, value in enumerate(values)
    ]  # fmt: skip


def sampler_rows(method: str, values: list[float | str], marks: list[str | None], beta: float = 1.0) -> list[dict]:
    rows = rows_of(method, "energy_distance", "test", values, distribution="sampler")
    return [row | {"mark": mark, "beta": beta} for row, mark in zip(rows, marks, strict=True)]


def frame(*rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame([row for part in rows for row in part])


def summary_of(*rows: list[dict]) -> pd.DataFrame:
    return summarise(frame(*rows))
