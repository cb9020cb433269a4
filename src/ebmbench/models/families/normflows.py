"""A neural spline flow of the package normflows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Protocol

import torch
from torch import Tensor

from ebmbench.core.randomness import seeded
from ebmbench.core.ranges import AtLeastTwo, PositiveInt, check_ranges
from ebmbench.models.distributions.standard_latent import StandardLatent
from ebmbench.models.interface import Pushforward, TrainingData
from ebmbench.models.peers import package
from ebmbench.models.statistics.interface import Definition

__all__ = ["Normflows"]


class InvertibleMap(Protocol):
    """Methods of a flow of normflows, a map of noise to data, ``(B, D)`` -> ``(B, D)``."""

    def __call__(self, z: Tensor) -> Tensor:
        """Map noise to data."""
        ...

    def inverse(self, x: Tensor) -> Tensor:
        """Map data to noise."""
        ...

    def inverse_and_log_det(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map data to noise; return it with log |det| of the inverse map, ``(B,)``."""
        ...


class NormflowsFlow(StandardLatent, Pushforward):
    """A flow of normflows, log p(x) = log N(f((x - m) / s); 0, I) + log |det df| - sum log s.

    m, s: ``(D,)``, mean and sd of the training data. f is the inverse of a flow of normflows, noise to data: G(z) = m +
    s f^-1(z).
    """

    def __init__(self, flow: InvertibleMap, train: Tensor) -> None:
        super().__init__(train)
        self.flow = flow

    def log_density(self, x: Tensor) -> Tensor:
        """Return log p(x), ``(B, D)`` -> ``(B,)``."""
        z, log_det = self.flow.inverse_and_log_det((x - self.centre) / self.scale)
        normal = -0.5 * z.square().sum(1) - 0.5 * self.dim * math.log(2 * math.pi)
        return normal + log_det - self.scale.log().sum()

    def decode(self, z: Tensor) -> Tensor:
        """Return m + s f^-1(z)."""
        return self.flow(z) * self.scale + self.centre

    def encode(self, x: Tensor) -> Tensor:
        """Return the latents f((x - m) / s)."""
        return self.flow.inverse((x - self.centre) / self.scale)


@dataclass(frozen=True)
class Normflows:
    """Rational-quadratic spline couplings (Durkan et al. 2019) by ``CoupledRationalQuadraticSpline`` of normflows.

    ``transforms`` couplings with alternating halves, of ``bins`` bins on [-3, 3], each with ``blocks`` residual blocks
    of ``width`` units. Raises :class:`UserError` if the package is not installed, or in one dimension.
    """

    losses: ClassVar[tuple[str, ...]] = ("ml",)

    transforms: PositiveInt = 6
    width: PositiveInt = 64
    blocks: PositiveInt = 2
    bins: AtLeastTwo = 8

    def __post_init__(self) -> None:
        check_ranges(self)

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> NormflowsFlow:
        """Return an untrained flow; ``statistic`` is ignored."""
        nf = package("normflows", "normflows")
        spline = nf.flows.CoupledRationalQuadraticSpline
        with seeded(generator):
            parts = [
                spline(data.dim, self.blocks, self.width, num_bins=self.bins, reverse_mask=k % 2 == 1)
                for k in range(self.transforms)
            ]
        return NormflowsFlow(nf.NormalizingFlow(None, parts), data.splits.train)
