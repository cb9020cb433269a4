"""Monitor of a model's distance from the known data density during training."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from ebmbench.evaluation.metrics import data_z
from ebmbench.evaluation.metrics.density_grid import DensityGrid, divergences
from ebmbench.models.blocks import log_density_in_blocks
from ebmbench.models.interface import Density, Model

#: stride over the midpoints of the data set's grid, in each direction; odd
EVERY = 3

#: largest number of test examples that are monitored
ROWS = 2_000

Columns = dict[str, float]
Known = Mapping[str, Tensor]


def density_monitor(grid: Known, rows: Known, device: torch.device) -> Callable[[Model], Columns]:
    """Return a function that maps a model to columns of a curve: the distance of its density from the data's.

    ``grid`` and ``rows`` hold ``points``, ``(G, 2)`` and ``(N, D)``, and the data's ``log_prob`` there; if one is
    empty, its columns are omitted. A model without a density has no columns.

    ``grid``: ``kl`` in nats and ``mse_log_density`` in nats^2 (:func:`divergences`), on every third midpoint in each
    direction, with model and data normalised on these. ``rows``, independent samples of the data:
    ``mse_log_density_data_z`` in nats^2 (:mod:`ebmbench.evaluation.metrics.data_z`), on at most the first 2,000.
    """
    parts = [_on_grid(grid, device)] if grid else []
    parts += [_on_rows(rows, device)] if rows else []

    def monitor(model: Model) -> Columns:
        if not isinstance(model, Density):
            return {}
        return {name: value for part in parts for name, value in part(model).items()}

    return monitor


def _on_grid(grid: Known, device: torch.device) -> Callable[[Density], Columns]:
    n = round(len(grid["points"]) ** 0.5)
    followed = slice(EVERY // 2, None, EVERY)
    points = grid["points"].reshape(n, n, 2)[followed, followed].reshape(-1, 2).to(device)
    log_p = grid["log_prob"].reshape(n, n)[followed, followed].flatten().to(device)
    # lengths in units of a cell's side, so that its area is 1
    coarse = DensityGrid(log_p.log_softmax(0), 1.0)
    return lambda model: divergences(coarse, log_density_in_blocks(model, points).log_softmax(0))


def _on_rows(rows: Known, device: torch.device) -> Callable[[Density], Columns]:
    points, log_p = rows["points"][:ROWS].to(device), rows["log_prob"][:ROWS].to(device)

    def of(model: Density) -> Columns:
        return {data_z.NAME: data_z.mse_log_density_data_z(log_density_in_blocks(model, points), log_p).value}

    return of
