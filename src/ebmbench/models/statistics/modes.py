"""The probability mass of each mode."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ebmbench.core.ranges import AtLeastTwo, PositiveFloat, check_ranges
from ebmbench.models.statistics.interface import Definition, Statistic

__all__ = ["Modes"]

#: number of points given to k-means, and number of its restarts
ROWS, STARTS = 10_000, 4


class SoftCells(nn.Module, Statistic):
    """T_k(x) = pi_k(x), pi = softmax over k of -|x - mu_k|^2 / (2 s^2), without the last; hard: the nearest centre."""

    centres: Tensor
    scale: Tensor

    def __init__(self, centres: Tensor, scale: Tensor) -> None:
        """``centres: (K + 1, D)``; ``scale: ()`` = s."""
        super().__init__()
        self.register_buffer("centres", centres)
        self.register_buffer("scale", scale)

    def size(self, dim: int) -> int:
        """Return K."""
        return len(self.centres) - 1

    def names(self, dim: int) -> list[str]:
        """Return ``mode0``, ``mode1``, ...."""
        return [f"mode{k}" for k in range(len(self.centres) - 1)]

    def value(self, x: Tensor) -> Tensor:
        """Return T(x), ``(B, D)`` -> ``(B, K)``."""
        return self._shares(x)[:, :-1]

    def gradient(self, x: Tensor) -> Tensor:
        """Return the Jacobian pi_k (mu_k - m) / s^2, m = sum_j pi_j mu_j."""
        shares = self._shares(x)
        offsets = self._offsets(shares) / self.scale.to(x).square()
        return (shares[..., None] * offsets)[:, :-1]

    def laplacian(self, x: Tensor) -> Tensor:
        """Return the Laplacian pi_k (|mu_k - m|^2 - sum_j pi_j |mu_j - m|^2) / s^4."""
        shares = self._shares(x)
        squares = self._offsets(shares).square().sum(-1)
        spread = (shares * squares).sum(1, keepdim=True)
        return (shares * (squares - spread) / self.scale.to(x) ** 4)[:, :-1]

    def hard(self, x: Tensor) -> Tensor:
        """Return 1 for the nearest centre, else 0."""
        nearest = self._shares(x).argmax(1)
        return torch.nn.functional.one_hot(nearest, len(self.centres))[:, :-1].to(x)

    def _shares(self, x: Tensor) -> Tensor:
        """Return pi, ``(B, K + 1)``; the term |x|^2, common to all centres, is left out of the squares."""
        centres = self.centres.to(x)
        return ((x @ centres.T - 0.5 * centres.square().sum(1)) / self.scale.to(x).square()).softmax(1)

    def _offsets(self, shares: Tensor) -> Tensor:
        """Return mu_k - m, ``(B, K + 1, D)``."""
        centres = self.centres.to(shares)
        return centres - (shares @ centres)[:, None]


@dataclass(frozen=True)
class Modes(Definition):
    """Soft indicators of ``count`` cells of k-means on the training data, without the last: K = count - 1.

    s is ``softness`` times the root mean squared distance of an example's coordinate from its centre's. Score matching
    is blind to these statistics.
    """

    count: AtLeastTwo = 8
    softness: PositiveFloat = 1.0

    def __post_init__(self) -> None:
        check_ranges(self)

    def fit(self, train: Tensor) -> SoftCells:
        """Return the statistics with centres of the first 10,000 examples."""
        from sklearn.cluster import KMeans

        rows = train[:ROWS].double().cpu()
        found = KMeans(self.count, n_init=STARTS, random_state=0).fit(rows.numpy())
        scale = self.softness * (found.inertia_ / rows.numel()) ** 0.5
        centres = torch.tensor(found.cluster_centers_, dtype=torch.float64)
        order = centres[:, 0].argsort(stable=True)
        return SoftCells(centres[order].to(train.device), torch.tensor(scale, dtype=torch.float64).to(train.device))
