"""A results folder with finished runs, made by the stages in this process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ebmbench.core import plugins
from ebmbench.core.cells import Cell, Job, data_file
from ebmbench.workflow.stages import dataset, sample, train

PLAN = {
    "sample": {"samples": 500, "chains": 20, "warmup": 20, "thin": 1, "bounds": 0},
    "sampler": {"mala": {}},
    "likelihood": {"quadrature": {"grid": 90}, "smc": {}},
}


def write_run(results: Path, cell: Cell, settings: Mapping[str, Any], steps: int = 50) -> Path:
    """Train and sample seeds 0 and 1 of ``cell``; return the folder of the method.

    ``settings``: those of the data set and of the family.
    """
    block = "0-1"
    rows = data_file(results, cell.dataset, block)
    if not rows.exists():
        made = plugins.load_entry("dataset", cell.dataset, settings["dataset"])
        dataset.write_dataset(made, cell.dataset, range(2), rows.parent, block, grid_n=90)
    folder = Job(cell, block).folder(results)
    plain = {"loss": {}, "stats": {}, "statistics": {}, "train": {"steps": steps, "checkpoints": 2}}
    train.train_seeds(cell, block, plain | settings, rows, "cpu", "digest", folder)
    sample.write_samples(folder, sample.Plan.of(PLAN), rows, "cpu")
    return folder.parent
