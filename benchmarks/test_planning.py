"""What planning costs: `snakemake -n` on grids of growing size, nothing of them made yet.

A grid of n runs is n / 5 cells of five seeds, one job each: two families by one loss with as many settings as needed on
five data sets. Seconds are wall-clock, and of the whole command. Written to ``results/benchmarks/planning.csv``; no
time is asserted.

Run ``python -m pytest benchmarks/test_planning.py`` with the packages of envs/benchmark.txt.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("pytest_benchmark", reason="needs the packages of envs/benchmark.txt")


ROOT = Path(__file__).parents[1]
RUNS = (1000, 2500, 5000, 10_000)
DATASETS = ("moons", "rings", "pinwheel", "swissroll", "gaussians25")
SEEDS = 5


def grid(runs: int, results: Path) -> dict[str, Any]:
    """The configuration of ``runs`` runs."""
    settings = runs // (SEEDS * len(DATASETS) * 2)
    return {
        "results": str(results),
        "device": "cpu",
        "seeds": SEEDS,
        "datasets": {name: {} for name in DATASETS},
        "families": {"ebm": {}, "narrow": {"kind": "ebm", "width": 64}},
        "losses": {f"ed_{k}": {"kind": "ed", "t": 0.1 + 0.01 * k} for k in range(settings)},
        "stats": {"none": {}},
        "figures": {},
    }


def plan(config: Path) -> tuple[float, str]:
    """Seconds of a dry run, and what it printed."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "snakemake", "-n", "--quiet", "rules", "--configfile", str(config)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return time.perf_counter() - started, done.stdout + done.stderr


@pytest.mark.parametrize("runs", RUNS)
def test_dry_run(benchmark: Any, table: list[dict[str, Any]], tmp_path: Path, runs: int) -> None:
    """It plans as many trainings as there are cells."""
    config = tmp_path / "grid.yaml"
    config.write_text(yaml.safe_dump(grid(runs, tmp_path / "results")))
    seconds, printed = benchmark.pedantic(plan, (config,), rounds=1)
    trained = re.search(r"^train_ed\s+(\d+)", printed, re.MULTILINE)
    assert trained and int(trained[1]) == runs // SEEDS
    jobs = re.search(r"^total\s+(\d+)", printed, re.MULTILINE)
    assert jobs
    table.append(
        {"runs": runs, "jobs": int(jobs[1]), "seconds": seconds, "seconds_per_1000_runs": 1e3 * seconds / runs}
    )
