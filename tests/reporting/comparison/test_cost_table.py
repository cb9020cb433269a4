"""Costs are medians over the runs that ended well."""

from __future__ import annotations

import pandas as pd

from ebmbench.reporting.comparison.cost_table import cost


def test_cost_is_the_median_of_runs_that_ended_well():
    runs = pd.DataFrame(
        {
            **{"dataset": "moons", "family": "ebm", "loss": "ed", "stats": "none"},
            **{"status": ["ok", "ok", "ok", "diverged"], "train.seconds": [1.0, 2.0, 9.0, 0.1]},
            **{f"sampling.{name}": 4.0 for name in ("seconds", "energy_evaluations", "gradient_evaluations")},
            **{f"train.{name}": 5.0 for name in ("cpu_seconds", "energy_evaluations", "gradient_evaluations")},
            **{"train.parameters": 7.0, "train.peak_memory_mb": [300.0, 310.0, 330.0, 999.0]},
        }
    )
    row = cost(runs).iloc[0]
    assert (row["train_seconds"], row["peak_memory_mb"]) == (2.0, 310.0)  # with the diverged run 1.5 and 320
    assert (row["runs"], row["failed"]) == (3, 1)
