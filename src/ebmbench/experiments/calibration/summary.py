"""Accuracy of log Z estimates, and of their own reported errors."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

#: number of reported standard errors within which an estimate should lie, about 95 times in 100
WIDE = 2.0

_KEYS = ["target", "method", "budget"]

COLUMNS = (
    *(*_KEYS, "repetitions", "failed", "rmse", "rmse_stderr", "bias", "mean_stderr", "coverage"),
    *("bracketed", "median_gap", "ess_fraction", "cpu_seconds", "energy_evaluations", "gradient_evaluations"),
)


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """Summarise the repetitions that are ok: one row per (target, method, budget), in the columns of :data:`COLUMNS`.

    ``failed`` counts the others. ``rmse``: root mean squared error, in nats, with its own standard error
    sd(e^2) / (2 rmse sqrt(n)); ``bias``: mean error; ``mean_stderr``: mean of the reported errors; ``coverage``:
    fraction with |error| at most 2 reported standard errors. For bounds: ``bracketed``, the fraction with the truth
    between the bounds, and ``median_gap``. Effort is the median.
    """
    groups = rows.groupby(_KEYS, sort=False)
    found = [dict(zip(_KEYS, key, strict=True)) | _of(part) for key, part in groups]
    return pd.DataFrame(found).reindex(columns=list(COLUMNS))


def _of(rows: pd.DataFrame) -> dict[str, Any]:
    ok = rows[rows["status"] == "ok"]
    counts = {"repetitions": len(rows), "failed": len(rows) - len(ok)}
    effort = ["ess_fraction", "cpu_seconds", "energy_evaluations", "gradient_evaluations"]
    return counts | _errors(ok[ok["error"].notna()]) | _limits(ok[ok["lower"].notna()]) | ok[effort].median().to_dict()


def _errors(ok: pd.DataFrame) -> dict[str, float]:
    if ok.empty:
        return {}
    squares = ok["error"] ** 2
    rmse = math.sqrt(squares.mean())
    spread = squares.std() / (2 * rmse * math.sqrt(len(ok))) if len(ok) > 1 and rmse > 0 else math.nan
    return {
        "rmse": rmse,
        "rmse_stderr": spread,
        "bias": ok["error"].mean(),
        "mean_stderr": ok["stderr"].mean(),
        "coverage": (ok["error"].abs() <= WIDE * ok["stderr"]).mean(),
    }


def _limits(ok: pd.DataFrame) -> dict[str, float]:
    if ok.empty:
        return {}
    inside = (ok["lower"] <= ok["truth"]) & (ok["truth"] <= ok["upper"])
    return {"bracketed": inside.mean(), "median_gap": (ok["upper"] - ok["lower"]).median()}
