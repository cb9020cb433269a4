"""The metrics by which methods of known order are compared."""

from __future__ import annotations

from ebmbench.core.columns import MODEL
from ebmbench.reporting.comparison.tables import Column

METRICS = (
    Column("kl", "exact", MODEL),
    Column("nll", "test", MODEL),
    Column("energy_distance", "test", MODEL),
    Column("mmd2", "test", MODEL),
    Column("sliced_wasserstein", "test", MODEL),
)
