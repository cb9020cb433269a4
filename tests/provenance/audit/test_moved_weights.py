"""The initial weights of a measuring run are moved by 1e-6 of themselves, and those of any other run are not."""

import os
import subprocess
import sys

from tests.helpers.paths import ROOT

WEIGHTS = """
import torch
from ebmbench.core.cells import Cell
from ebmbench.core.plugins import load_entry
from ebmbench.models.interface import TrainingData
from ebmbench.workflow.stages import train, trained_runs

cell = Cell("moons", "ebm", "ed", "none")
dataset = load_entry("dataset", "moons", {"train": 50, "val": 50, "test": 50})
data = TrainingData(dataset, dataset.splits(0))
one, other = (
    stage.build(cell, {"family": {}, "statistics": {}}, data, 0, torch.device("cpu")) for stage in (train, trained_runs)
)
moves = [(a / b - 1)[b != 0] for a, b in zip(one.parameters(), other.parameters(), strict=True)]
print(torch.cat([move.flatten() for move in moves]).square().mean().sqrt().item())
"""


def move(*paths):
    """Root mean square relative difference of the weights that the stage begins with and those of the same seed."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*paths, str(ROOT / "src")]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", WEIGHTS]
    return float(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


def test_weights_move_by_a_millionth_where_the_folder_is_on_the_path():
    assert move() == 0
    assert 0.9e-6 < move(str(ROOT / "benchmarks/harmless_moves")) < 1.1e-6
