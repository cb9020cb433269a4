"""Stage that collects all searches in one table and writes a page of the chosen settings."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.csv_schema import read_text, read_typed
from ebmbench.core.files import write_csv, write_text
from ebmbench.planning import search_criteria
from ebmbench.planning.rungs import stages_so_far
from ebmbench.planning.tuning import folder_of, trial_columns
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.summary import counted
from ebmbench.reporting.markdown import markdown
from ebmbench.reporting.number_text import interval_text, number_text

_ABOUT = (
    "Searches per cell, on seeds that no result uses. score: {about} ± its standard error, lower is better, as "
    "configured (trial 0) and for the chosen trial, which has the lowest score. worst: the highest score of a trial. "
    "without a score: trials that diverged, or whose log Z or samples failed."
)

_RUNGS = (
    " rung: the multiple of the budget that the trials of a stage have; a stage runs the best trials of the one "
    "before, and — in the column as configured means that trial 0 has no score or was not among them."
)

_SPREAD = " spread: standard deviation of the chosen trial's score over its tuning seeds, over which scores are means."


def write_tuning_table(cells: Sequence[Cell], config: Mapping[str, Any], out: Path) -> None:
    """Write ``tuning.csv``, with every trial of the searches of ``cells``, and ``tuning.md`` into ``out``.

    ``config``: the resolved configuration; searches are those up to its rung.
    """
    parts, columns = [], trial_columns(search_criteria.of_search(config["tuning"]))
    for cell in sorted(cells):
        for stage in stages_so_far(config):
            table = read_text(folder_of(config, cell, stage.rung) / "trials.csv", columns)
            parts.append(pd.DataFrame(cell._asdict(), index=table.index).join(table))
    write_csv(out / "tuning.csv", pd.concat(parts, ignore_index=True))
    write_tuning_page(out)


def write_tuning_page(tables: Path) -> None:
    """Write ``tuning.md`` from tuning.csv in ``tables``."""
    trials = read_typed(tables / "tuning.csv")
    # runs from before searches had stages have neither column: one rung, one seed
    found = chosen(trials.assign(**{name: 1 for name in ("rung", "seed") if name not in trials}))
    about = (
        _ABOUT.format(about=search_criteria.of_table(trials.columns).about)
        + (_RUNGS if "rung" in found else "")
        + (_SPREAD if "spread" in found else "")
    )
    write_text(tables / "tuning.md", markdown("Tuning", about, found, keys=3 if "rung" in found else 2))


def chosen(trials: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell and rung of ``trials`` (tuning.csv), as text: the scores as configured and as chosen.

    The column ``rung`` is left out if there is only one, ``spread`` if every trial had one seed.
    """
    rows, column = [], search_criteria.of_table(trials.columns).column
    for (dataset, family, loss, stats, rung), group in trials.groupby([*AXES, "rung"], sort=True):
        scored = _scored(group, column)
        known = scored["score"].dropna()
        best = scored[scored["chosen"]]
        rows.append(
            {
                "dataset": dataset,
                "method": method_label(family, loss, stats),
                "rung": f"x{rung}",
                "trials": len(scored),
                "without a score": counted(group["status"][group[column].isna()]),
                "score as configured": _score(scored[scored.index == 0]),
                "score, chosen": _score(best),
                "spread": "".join(f"{sd:.2g}" for sd in best["sd"].dropna()),
                "worst": number_text(known.max()) if len(known) else "",
                "chosen settings": "".join(settings_text(text) for text in best["settings"]) or "as configured",
            }
        )
    few = [("rung", trials["rung"].nunique() == 1), ("spread", trials["seed"].nunique() == 1)]
    return pd.DataFrame(rows).drop(columns=[name for name, uninformative in few if uninformative])


def settings_text(content: str) -> str:
    """Format the JSON in a row of tuning.csv as ``t = 0.5, M = 2, learning_rate = 0.006``, ``ula.step_size = 0.1``."""
    return ", ".join(
        text for part in json.loads(content).values() for name, value in part.items() for text in _assigned(name, value)
    )


def _assigned(name: str, value: object) -> list[str]:
    """Return ``name = value``, and of a sampler's settings each with the sampler's name."""
    if isinstance(value, dict):
        return [f"{name}.{setting} = {own}" for setting, own in value.items()]
    return [f"{name} = {value}"]


def _scored(group: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return a row per trial: the mean of its scores in ``column``, its standard error, and the seeds' deviation."""
    rows = {}
    for number, of in group.groupby("trial", sort=True):
        values, errors = of[column].astype(float), of["stderr"].astype(float)
        error = math.sqrt((errors**2).sum()) / len(of)
        score = {"score": values.mean(skipna=False), "stderr": error, "sd": values.std(ddof=1, skipna=False)}
        rows[number] = score | {"settings": of["settings"].iloc[0], "chosen": bool(of["chosen"].iloc[0])}
    return pd.DataFrame.from_dict(rows, orient="index")


def _score(rows: pd.DataFrame) -> str:
    known = rows[rows["score"].notna()] if len(rows) else rows
    return interval_text(known["score"].iloc[0], known["stderr"].iloc[0]) if len(known) else "—"
