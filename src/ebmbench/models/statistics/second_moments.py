"""Second moments of pairs of coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.models.statistics.interface import Definition
from ebmbench.models.statistics.products import Products

__all__ = ["SecondMoments"]


@dataclass(frozen=True)
class SecondMoments(Definition):
    """T(x) = x_i x_j for i <= j in row-major order, K = D(D + 1)/2."""

    def fit(self, train: Tensor) -> Products:
        """Return the products of all pairs, about the origin, in data units."""
        dim = train.shape[1]
        return Products(torch.triu_indices(dim, dim), torch.zeros(dim).double(), torch.ones(dim).double())
