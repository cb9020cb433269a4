"""The initial weights of a measuring run are moved by 1e-6 of themselves, and those of any other run are not."""

import io
import os
import subprocess
import sys
from contextlib import redirect_stdout

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


def move(folder):
    """Root mean square relative difference of the weights that the stage begins with and those of the same seed."""
    paths = os.pathsep.join([str(folder), str(ROOT / "src")])
    environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", WEIGHTS]
    return float(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


def test_weights_move_by_a_millionth_where_the_folder_is_on_the_path():
    assert 0.9e-6 < move(ROOT / "benchmarks/harmless_moves") < 1.1e-6
    # here it is not
    with redirect_stdout(io.StringIO()) as printed:
        exec(WEIGHTS, {})
    assert float(printed.getvalue()) == 0
