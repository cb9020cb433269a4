"""What scoring a job of one seed costs, against the number of test rows and of draws, both alike.

Files as training and sampling write them, of standard normal rows in the plane with a known density; all metrics, with
moments as the evaluation set. Processor seconds, written to ``results/benchmarks/scoring.csv``; no time is asserted.

Run ``python -m pytest benchmarks/test_scoring.py`` with the packages of envs/benchmark.txt.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import job_folder

pytest.importorskip("pytest_benchmark", reason="needs the packages of envs/benchmark.txt")

from ebmbench.models.statistics.moments import Moments
from ebmbench.workflow.stages.score import score

ROOT = Path(__file__).parents[1]
ROWS = (1000, 2000, 5000, 10_000, 20_000)


def seconds(run_dir: Path, data_file: Path) -> float:
    """Of the processor."""
    started = time.process_time()
    score(run_dir, data_file, {"moments": Moments()})
    return time.process_time() - started


@pytest.mark.parametrize("rows", ROWS)
def test_scoring(
    benchmark: Any, table: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """All metrics of one seed."""
    monkeypatch.setattr(job_folder, "SIZES", {"train": 5000, "val": 1000, "test": rows})
    folder = job_folder.Folder(tmp_path)
    folder.samples |= {f"0/{part}": job_folder.draws(rows, number) for number, part in enumerate(("samples", "model"))}
    found = benchmark.pedantic(seconds, folder.written(), rounds=1)
    table.append({"rows": rows, "seconds": found, "seconds_per_1000_rows": 1e3 * found / rows})
