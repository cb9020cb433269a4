"""Columns of the tables that stages pass to each other. Imports no torch."""

from __future__ import annotations

from ebmbench.core.cells import AXES

#: the distributions that a run is scored under: the model, its declared sampler, and its base distribution alone
MODEL, SAMPLER, BASE = "model", "sampler", "base"

#: one row per cell, seed, split, metric and distribution
SCORES = (
    *(*AXES, "seed", "split", "metric", "distribution", "method", "beta"),
    *("value", "stderr", "n", "log_z_stderr", "status", "reason", "mark", "run"),
)

#: the columns that identify a row of scores.csv
SCORES_KEY = (*AXES, "seed", "split", "metric", "distribution")

#: one row per cell, seed, statistic and distribution
STATISTICS = (
    *(*AXES, "seed", "set", "statistic", "distribution", "beta", "mark"),
    *("mean_model", "mean_test", "sd_test", "sae", "stderr", "z", "floor", "sae_smooth", "w1"),
    *("stein", "stein_stderr", "ed", "ed_stderr", "run"),
)

#: one row per seed and checkpoint
CURVES = (
    *("seed", "step", "seconds", "energy_evaluations", "gradient_evaluations", "train_loss", "val_loss"),
    *("kl", "mse_log_density", "mse_log_density_data_z", "log_partition", "log_partition_error"),
    *("positive", "decoder_loss"),
)

#: one row per combination that the grid excludes
SKIPPED = (*AXES, "reason")
