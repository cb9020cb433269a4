"""A model of one's own on a 2D data set: its samples and log-densities, and the command that scores them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from tests.helpers.paths import ROOT

#: a data set with a known density, and its settings in the default configuration
NAME = "ring8_unequal"


def log_probs(log_prob, points: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Log-densities at the rows and at the grid, under their names in the file."""
    return {f"{name}_log_prob": log_prob(torch.from_numpy(part).double()).numpy() for name, part in points.items()}


def normal_model(points: dict[str, np.ndarray], sd: float, n: int = 4000) -> dict[str, np.ndarray]:
    """The arrays of a file for N(0, sd² I): samples and normalised log-densities."""
    model = torch.distributions.MultivariateNormal(torch.zeros(2).double(), sd**2 * torch.eye(2).double())
    samples = sd * torch.randn(n, 2, generator=torch.Generator().manual_seed(3))
    return {"samples": samples.numpy()} | log_probs(model.log_prob, points)


def ebmbench(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command on the checkout."""
    command = [sys.executable, "-m", "ebmbench", *map(str, arguments), "--root", str(ROOT)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
