"""First and second moments: the statistics that a Gaussian matches exactly."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ebmbench.models.statistics.interface import Definition
from ebmbench.models.statistics.joined import Joined
from ebmbench.models.statistics.means import Means
from ebmbench.models.statistics.second_moments import SecondMoments

__all__ = ["Moments"]


@dataclass(frozen=True)
class Moments(Definition):
    """T(x) = (x_i for all i, then x_i x_j for i <= j), K = D + D(D + 1)/2, products in row-major order."""

    def fit(self, train: Tensor) -> Joined:
        """Return both, in data units."""
        return Joined([Means(), SecondMoments().fit(train)])
