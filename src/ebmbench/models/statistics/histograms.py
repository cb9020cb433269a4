"""Soft histograms of every coordinate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge
from torch import Tensor, nn

from ebmbench.core.errors import UserError
from ebmbench.core.ranges import PositiveFloat, check_ranges
from ebmbench.models.statistics.coordinatewise import Coordinatewise
from ebmbench.models.statistics.interface import Definition
from ebmbench.models.statistics.smooth_step import bend, between, slope, step

__all__ = ["Histograms"]


class SoftBins(nn.Module, Coordinatewise):
    """T_ik(x) = S((x_i - l_ik) / tau_i) - S((x_i - l_i,k+1) / tau_i), S a step smoothed by a quadratic B-spline.

    l_i1 = -inf; hard: the indicator of [l_ik, l_i,k+1).
    """

    edges: Tensor
    tau: Tensor

    def __init__(self, edges: Tensor, tau: Tensor) -> None:
        """``edges: (D, J)``, upper ends of J bins; ``tau: (D,)``."""
        super().__init__()
        self.register_buffer("edges", edges)
        self.register_buffer("tau", tau)

    @property
    def labels(self) -> tuple[str, ...]:
        """One label per bin."""
        return tuple(f"bin{k}({{}})" for k in range(self.edges.shape[1]))

    def functions(self, x: Tensor) -> Tensor:
        """Return the soft indicators, ``(B, D)`` -> ``(B, D, J)``."""
        return between(1 - step(self._from_edges(x)))

    def slopes(self, x: Tensor) -> Tensor:
        """Return their first derivatives, ``(B, D)`` -> ``(B, D, J)``."""
        return between(-slope(self._from_edges(x))) / self.tau.to(x)[:, None]

    def bends(self, x: Tensor) -> Tensor:
        """Return their second derivatives, ``(B, D)`` -> ``(B, D, J)``."""
        return between(-bend(self._from_edges(x))) / self.tau.to(x)[:, None].square()

    def hard_functions(self, x: Tensor) -> Tensor:
        """Return the indicators, ``(B, D)`` -> ``(B, D, J)``."""
        return between((x[..., None] < self.edges.to(x)).to(x))

    def _from_edges(self, x: Tensor) -> Tensor:
        return (x[..., None] - self.edges.to(x)) / self.tau.to(x)[:, None]


@dataclass(frozen=True)
class Histograms(Definition):
    """Soft indicators of ``bins`` bins of equal mass for each coordinate, without the last: K = D (bins - 1).

    Edges are quantiles of the training data; each is smoothed by a quadratic B-spline, whose knots are ``softness``
    times the coordinate's mean inner bin width apart. With bins of one width and softness 1 they are cubic B-splines.
    Together with the omitted bin, which they determine, they sum to 1.
    """

    bins: Annotated[int, Ge(3)] = 8
    softness: PositiveFloat = 1.0

    def __post_init__(self) -> None:
        check_ranges(self)

    def fit(self, train: Tensor) -> SoftBins:
        """Return the soft bins; raises :class:`UserError` for a coordinate whose inner edges coincide."""
        levels = torch.arange(1, self.bins, dtype=torch.float64) / self.bins
        edges = torch.quantile(train.double(), levels.to(train.device), dim=0).T.contiguous()
        widths = (edges[:, -1] - edges[:, 0]) / (self.bins - 2)
        if (widths <= 0).any():
            column = int((widths <= 0).nonzero()[0])
            raise UserError(f"statistics histograms: column {column} of the training samples is nearly constant")
        return SoftBins(edges, self.softness * widths)
