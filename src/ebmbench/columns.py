"""Columns of the tables that stages hand to each other. Imports no torch."""

from __future__ import annotations

from ebmbench.cells import AXES

#: one row a cell, seed, split and metric
SCORES = (*AXES, "seed", "split", "metric", "value", "stderr", "n", "status", "reason", "run")

#: one row a cell, seed and statistic
STATISTICS = (
    *(*AXES, "seed", "set", "statistic"),
    *("mean_model", "mean_test", "sd_test", "sae", "stderr", "z", "floor", "run"),
)

#: one row a seed and checkpoint
CURVES = ("seed", "step", "seconds", "energy_evaluations", "gradient_evaluations", "train_loss", "val_loss", "kl")

#: one row a combination that the grid leaves out
SKIPPED = (*AXES, "reason")
