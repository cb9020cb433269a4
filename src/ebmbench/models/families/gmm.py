"""A mixture of normal distributions, fitted by expectation-maximisation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from sklearn.mixture import GaussianMixture
from torch import Tensor

from ebmbench.core.precision import exact
from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.models.interface import Normalised, TrainingData
from ebmbench.models.statistics.interface import Definition

__all__ = ["GMM"]


class NormalMixture(Normalised):
    """A mixture of normal distributions, log p(x) = log sum_k w_k N(x; m_k, P_k^-1).

    ``weights: (K,)``, ``means: (K, D)`` and ``roots: (K, D, D)``, R_k with P_k = R_k R_k', in float64.
    """

    weights: Tensor
    means: Tensor
    roots: Tensor

    def __init__(self, weights: Tensor, means: Tensor, roots: Tensor) -> None:
        super().__init__()
        self.dim = means.shape[1]
        for name, held in {"weights": weights, "means": means, "roots": roots}.items():
            self.register_buffer(name, held)

    @exact
    def log_density(self, x: Tensor) -> Tensor:
        """Return log p(x), ``(B, D)`` -> ``(B,)``."""
        whitened = torch.einsum("bkd,kde->bke", x.to(self.means.dtype)[:, None] - self.means, self.roots)
        log_det = self.roots.diagonal(dim1=1, dim2=2).abs().log().sum(1)
        own = self.weights.log() + log_det - 0.5 * self.dim * math.log(2 * math.pi)
        return (own - 0.5 * whitened.square().sum(2)).logsumexp(1)

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return ``(n, D)`` samples: draw a component, then a point from its normal distribution."""
        z = torch.randn(n, self.dim, 1, generator=generator, dtype=self.means.dtype, device=self.means.device)
        which = torch.multinomial(self.weights, n, replacement=True, generator=generator)
        inverses = torch.linalg.inv(self.roots).mT
        return self.means[which] + (inverses[which] @ z)[..., 0]


@dataclass(frozen=True)
class GMM:
    """Gaussian mixture sum_k w_k N(x; m_k, C_k) by scikit-learn's EM   (Dempster, Laird and Rubin 1977).

    It is fitted to at most ``rows`` training examples. K is the power of 2, up to ``components``, with the highest mean
    log-density on at most 2,000 validation examples.
    """

    losses: ClassVar[tuple[str, ...]] = ("none", "ml")

    components: PositiveInt = 32
    rows: PositiveInt = 10_000

    def __post_init__(self) -> None:
        check_ranges(self)

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> NormalMixture:
        """Return the fitted mixture; ``statistic`` is ignored."""
        order = torch.randperm(len(data.splits.train), generator=generator)
        train, val = data.splits.train[order[: self.rows]].double(), data.splits.val[:2000]
        seed = int(torch.randint(2**31, (), generator=generator))
        counts = [2**k for k in range(min(self.components, len(train)).bit_length())]
        models = [self._fitted(train, count, seed) for count in counts]
        return max(models, key=lambda model: float(model.log_density(val).mean()))

    @staticmethod
    def _fitted(train: Tensor, count: int, seed: int) -> NormalMixture:
        found = GaussianMixture(count, random_state=seed).fit(train.numpy())
        parts = found.weights_, found.means_, found.precisions_cholesky_
        return NormalMixture(*(torch.from_numpy(part).double() for part in parts))
