"""Correlations of pairs of coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.core.ranges import NonNegativeInt, check_ranges
from ebmbench.core.seeds import generator
from ebmbench.models.statistics.interface import Definition
from ebmbench.models.statistics.products import Products

__all__ = ["Correlations"]


@dataclass(frozen=True)
class Correlations(Definition):
    """T(x) = u_i u_j for i < j, u_i = (x_i - m_i) / s_i with mean and standard deviation of the training data.

    If there are more pairs than ``largest`` + ``others``, T keeps the ``largest`` by absolute correlation in the
    training data, and ``others`` chosen at random from the rest, the same for every method and seed.
    """

    largest: NonNegativeInt = 170
    others: NonNegativeInt = 20

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.largest + self.others < 1:
            raise ValueError("largest = others = 0; allowed: 1 or more in one of them")

    def fit(self, train: Tensor) -> Products:
        """Return the products of the pairs in row-major order; raises :class:`UserError` for data of one coordinate."""
        dim = train.shape[1]
        if dim < 2:
            raise UserError("statistics correlations: correlations need two coordinates or more")
        train = train.double()
        centre, scale = train.mean(0), train.std(0, correction=0)
        standardised = (train - centre) / scale
        pairs = torch.triu_indices(dim, dim, offset=1)
        if pairs.shape[1] > self.largest + self.others:
            correlation = (standardised.T @ standardised / len(train))[pairs[0], pairs[1]].abs()
            order = correlation.argsort(descending=True, stable=True)
            rest = order[self.largest :].sort().values
            drawn = torch.randperm(len(rest), generator=generator("statistics", "correlations", dim))[: self.others]
            pairs = pairs[:, torch.cat([order[: self.largest], rest[drawn]]).sort().values]
        return Products(pairs, centre, scale)
