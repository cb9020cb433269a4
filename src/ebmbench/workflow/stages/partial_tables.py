"""Stage that writes the tables of an unfinished grid: the runs that exist, and a row with the reason for the others."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ebmbench.core.cells import Job, data_file, seeds_of
from ebmbench.core.columns import CURVES, SCORES, SCORES_KEY, STATISTICS
from ebmbench.core.csv_schema import read_text
from ebmbench.core.errors import UserError
from ebmbench.core.files import write_csv, write_json
from ebmbench.planning.config import Grid, planned
from ebmbench.planning.job_steps import steps
from ebmbench.workflow.closing_lines import PARTIAL
from ebmbench.workflow.stages.collect import collect, skipped_table
from ebmbench.workflow.stages.job_folders import job_folders
from ebmbench.workflow.stages.tables import write_tables

#: what says in scores.csv which value a row is of, and the value that a data set without any scores lacks at least
VALUE = ("split", "metric", "distribution", "beta")
LEAST = ("test", "nll", "model", "1")


def write_partial_tables(config: Mapping[str, Any], schemas: Path) -> list[str]:
    """Write collected and readers' tables into :data:`~closing_lines.PARTIAL` in the results; return what is missing.

    A run without a result is a row with status ``failed`` and the last line of the log of the first step that left no
    file. Each returned line says how many runs a reason stopped. Raises :class:`UserError` if no job has finished.
    """
    plan, results = planned(config), Path(config["results"])
    reasons = {job: _reason(job, plan, config) for job in plan.jobs}
    finished = [job for job, reason in reasons.items() if not reason]
    if not finished:
        raise UserError(f"{results}: no run is finished, so there are no tables")
    out = results / PARTIAL
    with job_folders(finished, plan.seeds, results) as folders, tempfile.TemporaryDirectory() as temporary:
        keys = _keys(folders)
        for job, reason in reasons.items():
            if reason:
                folders.append(job.folder(temporary))
                _write_failed(job, reason, keys.get(job.cell.dataset, [LEAST]), folders[-1])
        judged = [name for name in config["extractors"] if any(job.cell.dataset == name for job in finished)]
        collect(folders, skipped_table(plan.skipped), out, schemas, judged)
    data = dict.fromkeys(data_file(results, job.cell.dataset, job.block) for job in finished)
    write_tables(out, [path.with_suffix(".json") for path in data])
    runs = Counter[str]()
    for job, reason in reasons.items():
        runs[reason] += len(seeds_of(job.block))
    return [f"{count} runs: {reason}" for reason, count in runs.most_common() if reason]


def _reason(job: Job, plan: Grid, config: Mapping[str, Any]) -> str:
    """Return why a job has no result, or an empty text if it has one."""
    return next((step.reason for step in steps(job, plan, config) if step.missing), "")


def _keys(folders: Sequence[Path]) -> dict[str, list[tuple[str, ...]]]:
    """Return the values that scores.csv holds for the finished jobs of each data set."""
    found: dict[str, dict[tuple[str, ...], tuple[str, ...]]] = {}
    for folder in folders:
        table = read_text(folder / "scores.csv", SCORES)
        rows = table.drop_duplicates(list(SCORES_KEY[-3:]))[list(VALUE)].itertuples(index=False, name=None)
        found.setdefault(folder.parent.parent.name, {}).update({row[:3]: row for row in rows})
    return {dataset: list(rows.values()) for dataset, rows in found.items()}


def _write_failed(job: Job, reason: str, keys: Sequence[tuple[str, ...]], folder: Path) -> None:
    """Write the folder of a job all of whose runs failed for a reason."""
    ended = {"status": "failed", "reason": reason}
    write_json(folder / "run.json", {"cell": job.cell._asdict(), "runs": {str(s): ended for s in seeds_of(job.block)}})
    write_json(folder / "sampling.json", {"runs": {}})
    rows = [
        job.cell._asdict() | {"seed": seed, "run": job.cell.run(seed)} | dict(zip(VALUE, key, strict=True)) | ended
        for seed in seeds_of(job.block)
        for key in keys
    ]
    write_csv(folder / "scores.csv", pd.DataFrame(rows, columns=list(SCORES)))
    write_csv(folder / "image_scores.csv", pd.DataFrame(columns=list(SCORES)))
    write_csv(folder / "statistics.csv", pd.DataFrame(columns=list(STATISTICS)))
    write_csv(folder / "curves.csv", pd.DataFrame(columns=list(CURVES)))
