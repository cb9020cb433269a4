"""Stage that collects all searches in one table and writes a page of the chosen settings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.csv_schema import read_text, read_typed
from ebmbench.core.files import write_csv, write_text
from ebmbench.planning.tuning import TRIALS, folder_of
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.summary import counted
from ebmbench.reporting.markdown import markdown
from ebmbench.reporting.number_text import interval_text, number_text

_ABOUT = (
    "Searches per cell, on a seed that no result uses. score: mean negative log-likelihood of the validation samples "
    "in nats ± its standard error, lower is better, as configured (trial 0) and for the chosen trial, which has the "
    "lowest score. worst: the highest score of a trial. without a score: trials that diverged, or whose log Z failed."
)


def write_tuning_table(cells: Sequence[Cell], results: str, out: Path) -> None:
    """Write ``tuning.csv``, with every trial of the searches of ``cells``, and ``tuning.md`` into ``out``."""
    parts = []
    for cell in sorted(cells):
        table = read_text(folder_of(results, cell) / "trials.csv", TRIALS)
        parts.append(pd.DataFrame(cell._asdict(), index=table.index).join(table))
    write_csv(out / "tuning.csv", pd.concat(parts, ignore_index=True))
    write_tuning_page(out)


def write_tuning_page(tables: Path) -> None:
    """Write ``tuning.md`` from tuning.csv in ``tables``."""
    write_text(tables / "tuning.md", markdown("Tuning", _ABOUT, chosen(read_typed(tables / "tuning.csv")), keys=2))


def chosen(trials: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell of ``trials`` (tuning.csv), as text: the scores as configured and as chosen."""
    rows = []
    for (dataset, *method), group in trials.groupby(list(AXES), sort=True):
        first, best = group[group["trial"] == 0].iloc[0], group[group["chosen"]].iloc[0]
        scored = group[group["val_nll"].notna()]
        rows.append(
            {
                "dataset": dataset,
                "method": method_label(*method),
                "trials": len(group),
                "without a score": counted(group["status"][group["val_nll"].isna()]),
                "score as configured": _score(first),
                "score, chosen": _score(best),
                "worst": number_text(scored["val_nll"].max()) if len(scored) else "",
                "chosen settings": settings_text(best["settings"]) or "as configured",
            }
        )
    return pd.DataFrame(rows)


def settings_text(content: str) -> str:
    """Format the JSON in a row of tuning.csv as ``t = 0.5, M = 2, learning_rate = 0.006``."""
    return ", ".join(f"{name} = {value}" for part in json.loads(content).values() for name, value in part.items())


def _score(row: pd.Series) -> str:
    return "—" if pd.isna(row["val_nll"]) else interval_text(row["val_nll"], row["stderr"])
