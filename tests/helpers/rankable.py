"""Scores of methods on data sets, as the ranks read them."""

import pandas as pd

SETS = [f"set{index}" for index in range(9)]


def scores(values, seeds=(0, 1, 2), metric="kl", split="exact"):
    """Rows of {(data set, loss): value or value a seed}; None is a run without a value."""
    rows = []
    for (dataset, loss), value in values.items():
        of_seeds = value if isinstance(value, list) else [value] * len(seeds)
        for seed, one in zip(seeds, of_seeds, strict=True):
            status = "failed" if one is None else "ok"
            rows.append((dataset, "ebm", loss, "none", seed, split, metric, "model", one, status))
    columns = ["dataset", "family", "loss", "stats", "seed", "split", "metric", "distribution", "value", "status"]
    return pd.DataFrame(rows, columns=columns).astype({"value": float})


def always_in_order(sets=SETS, losses="abcd"):
    return scores(
        {(name, loss): 10.0**place * (1 + i) for i, name in enumerate(sets) for place, loss in enumerate(losses)}
    )
