"""Effect of the stabiliser w of energy discrepancy: one-dimensional fits, and the bias at finite M unless w = 1."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveFloat, PositiveInt, check_ranges
from ebmbench.models.networks.mlp import MLP
from ebmbench.training.losses.ed import EnergyDiscrepancy

__all__ = ["Stabilisation"]

#: stabilisers of the fits, and stabilisers and numbers of negatives of the table of biases
FITTED = (0.0, 0.1, 1.0, 4.0)
WEIGHTS = (0.0, 0.1, 0.5, 1.0, 2.0, 4.0, 16.0)
NEGATIVES = (1, 2, 4, 16, 64)

#: energies are compared with x^2 / 2 on [-3, 3]
HALF_WIDTH, POINTS = 3.0, 61

#: bracket of the precision that minimises the loss, and number of halvings of the bracket (in logs)
BRACKET, HALVINGS = (0.05, 50.0), 30


@dataclass(frozen=True)
class Stabilisation:
    """Energy discrepancy with t = 1 on samples of N(0, 1), whose energy is x^2 / 2.

    ``fits``: a network of two hidden layers of two units, trained with M = 4 for ``steps`` steps of Adam on all
    ``rows`` examples at each w, over ``seeds`` seeds: U(x) - min U on [-3, 3]. ``bias``: the precision that minimises
    the loss of U = lambda x^2 / 2 over ``draws`` samples at each (M, w), with its standard error; the truth is 1, and a
    loss that is unbounded below has no minimiser   (Schröder et al. 2023, figure 2; the table is ours).
    """

    rows: PositiveInt = 4096
    steps: PositiveInt = 3200
    seeds: PositiveInt = 3
    draws: PositiveInt = 400_000
    learning_rate: PositiveFloat = 0.01

    def __post_init__(self) -> None:
        check_ranges(self)

    def run(self, generator: torch.Generator) -> dict[str, pd.DataFrame]:
        """Return the two tables by name."""
        return {"fits": self._fits(generator), "bias": self._bias(generator)}

    def _fits(self, generator: torch.Generator) -> pd.DataFrame:
        x = torch.linspace(-HALF_WIDTH, HALF_WIDTH, POINTS)
        rows = []
        for seed in range(self.seeds):
            data = torch.randn(self.rows, 1, generator=generator)
            for w in FITTED:
                energy = self._fitted(data, w, generator)(x[:, None])
                values = (energy - energy.min()).tolist()
                rows += [{"w": w, "seed": seed, "x": a, "energy": u} for a, u in zip(x.tolist(), values, strict=True)]
        return pd.DataFrame(rows)

    def _fitted(self, data: Tensor, w: float, generator: torch.Generator) -> MLP:
        network, loss = MLP(1, 2, 2, generator), EnergyDiscrepancy(w=w)
        optimiser = torch.optim.Adam(network.parameters(), self.learning_rate)
        for _ in range(self.steps):
            points = torch.cat([data[:, None], loss.negatives(data, generator)], 1)
            value = loss.of_energies(network(points.flatten(0, 1)).unflatten(0, points.shape[:2]))
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
        return network.requires_grad_(False)

    def _bias(self, generator: torch.Generator) -> pd.DataFrame:
        rows = []
        for M in NEGATIVES:
            n = max(2, self.draws // M)
            x = torch.randn(n, 1, generator=generator, dtype=torch.float64)
            negatives = EnergyDiscrepancy(M=M).negatives(x, generator)[..., 0]
            halves = 0.5 * torch.cat([x, negatives], 1).square()
            for w in WEIGHTS:
                precision, stderr = minimiser(halves, w)
                rows.append({"M": M, "w": w, "precision": precision, "stderr": stderr, "n": n})
        return pd.DataFrame(rows)


def minimiser(halves: Tensor, w: float) -> tuple[float, float]:
    """Compute the lambda that minimises the loss of U = lambda h, and its standard error (sandwich).

    ``halves: (n, M + 1)`` holds h = x^2 / 2 of the examples, in the first column, and of their negatives. The loss is
    convex in lambda, so the root of its slope is found by bisection; infinity if the slope is still negative at the
    bracket's end.
    """
    low, high = (math.log(end) for end in BRACKET)
    if float(slopes(halves, math.exp(high), w)[0].mean()) < 0:
        return math.inf, math.nan
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        below = float(slopes(halves, math.exp(middle), w)[0].mean()) < 0
        low, high = (middle, high) if below else (low, middle)
    precision = math.exp(0.5 * (low + high))
    first, second = slopes(halves, precision, w)
    return precision, float(first.std()) / math.sqrt(len(first)) / float(second.mean())


def slopes(halves: Tensor, precision: float, w: float) -> tuple[Tensor, Tensor]:
    """Compute two derivatives in lambda of log(w + sum_j exp(lambda d_j)), d_j = h - h_j, per example: ``(n,)``."""
    contrasts = halves[:, :1] - halves[:, 1:]
    terms = torch.cat([torch.zeros_like(contrasts[:, :1]), contrasts], 1)
    logs = precision * terms
    logs[:, 0] = math.log(w) if w > 0 else -math.inf
    shares = logs.softmax(1)
    mean = (shares * terms).sum(1)
    return mean, (shares * terms.square()).sum(1) - mean.square()
