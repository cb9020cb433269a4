"""Exact scores of models of a known two-dimensional distribution, by sums over the data set's square."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from ebmbench.core.midpoints import midpoints
from ebmbench.data.interface import KnownDensity
from ebmbench.inference.exponential_tilting import Tilt, project
from ebmbench.models.blocks import in_blocks, log_density_in_blocks
from ebmbench.models.interface import Density, Model
from ebmbench.models.statistics.interface import Statistic


class ExactScore(NamedTuple):
    """``kl``: KL(data || model) in nats; ``mismatch``: mean over the statistics of |E_model T - E_data T| / sd_data."""

    kl: float
    mismatch: float


class Square:
    """Data distribution on ``cells`` x ``cells`` squares: masses ``q: (G,)``, adding to 1, at ``points: (G, 2)``."""

    def __init__(self, data: KnownDensity, cells: int) -> None:
        if data.box is None:
            raise ValueError("the data set has no square that holds its mass")
        self.points = midpoints(data.box, cells)
        self.log_q = data.log_prob(self.points).log_softmax(0)
        self.q = self.log_q.exp()

    def log_masses(self, model: Model) -> Tensor:
        """Compute the log-masses of a model with a density, ``(G,)``, whose exponentials add to 1."""
        if not isinstance(model, Density):
            raise TypeError(f"a {type(model).__name__} has no density")
        return log_density_in_blocks(model, self.points).log_softmax(0)

    def values(self, statistic: Statistic) -> Tensor:
        """Compute T at the points, ``(G, K)`` float64."""
        return in_blocks(lambda rows: statistic.value(rows.double()), self.points).double()

    def judged(self, log_p: Tensor, values: Tensor) -> ExactScore:
        """Score a distribution with masses exp(``log_p: (G,)``) by the statistics ``values: (G, K)`` that vary."""
        mean = self.q @ values
        variance = self.q @ (values - mean).square()
        varying = variance > 0
        differences = (log_p.exp() @ values - mean)[varying] / variance[varying].sqrt()
        occupied = self.q > 0
        kl = (self.q * (self.log_q - log_p))[occupied].sum()
        return ExactScore(float(kl), float(differences.abs().mean()))


def tilted(log_p: Tensor, values: Tensor, target: Tensor) -> Tilt:
    """Tilt a distribution with ``log_p: (G,)`` to the means ``target: (K,)`` of ``values: (G, K)``.

    Raises :class:`~ebmbench.inference.exponential_tilting.InfeasibleError` if there is no such tilt.
    """
    return project(values, log_p, target)
