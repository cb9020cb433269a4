"""An energy network on the curve that holds the data, or on a scaled copy of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Gt
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.data.manifold import TURN, Manifold
from ebmbench.models.distributions.generalized import WithoutDensity
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.interface import Generator, TrainingData
from ebmbench.models.networks.refining import RefiningEnergy
from ebmbench.models.statistics.interface import Definition

__all__ = ["GEBMCurve"]


class UniformOnCurve(Generator):
    """G(z) = (1 + offset) c(2 pi Phi(z)), z ~ N(0, 1): c the curve of a data set, with a uniform angle."""

    zero: Tensor

    def __init__(self, curve: Manifold, offset: float) -> None:
        super().__init__()
        self.dim = curve.dim
        self._curve, self._scale = curve, 1 + offset
        self.register_buffer("zero", torch.zeros(1))

    @property
    def latent(self) -> Normal:
        """The distribution of z, N(0, 1)."""
        return Normal(self.zero, torch.eye(1).to(self.zero))

    def decode(self, z: Tensor) -> Tensor:
        """Return G(z), ``(B, 1)`` -> ``(B, D)``."""
        return self._scale * self._curve.embed(TURN * torch.special.ndtr(z[:, 0]))


@dataclass(frozen=True)
class GEBMCurve(RefiningEnergy):
    """EBM on a curve: dq/db prop. to exp(-U), b on the curve of the data   (after Arbel, Zhou and Gretton 2021).

    b is uniform in the curve's angle, the curve scaled by 1 + ``offset`` about the origin, and frozen. With offset 0
    the model can represent the data distribution: the network only has to learn the ratio of two densities along the
    curve. With any other offset data and b are mutually singular: the KL divergence is infinite, but its bound over
    networks of bounded slope is finite (KALE); ``spectral`` bounds U's slope, the gradient penalty of training keeps it
    small. U is a :class:`~ebmbench.models.networks.refining.RefiningEnergy`. Only for data sets on a curve.
    """

    provides: ClassVar[tuple[str, ...]] = ("statistics",)

    offset: Annotated[float, Gt(-1)] = 0.0

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> WithoutDensity:
        """Return a model that equals its base; raises :class:`UserError` for a data set that is not on a curve."""
        if not isinstance(data.dataset, Manifold):
            raise UserError("family gebm_curve needs a data set on a known curve, as closed_curve: exclude the cell")
        base = UniformOnCurve(data.dataset, self.offset)
        return WithoutDensity(base, self.energy(data.dim, generator), statistic, data.splits.train).float()
