"""Closed curve with three lobes and a bimodal distribution along it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from scipy.stats import vonmises
from torch import Tensor

from ebmbench.core.ranges import AtLeastTwo, PositiveInt
from ebmbench.data.manifold import TURN, Manifold

__all__ = ["ClosedCurve"]

#: (weight, mean, concentration) of the angle's von Mises components; they have little mass where the angle wraps around
PARTS = ((0.5, 2.0, 4.0), (0.3, 4.4, 8.0))

#: weight of the uniform component
UNIFORM = 0.2


@dataclass(frozen=True)
class ClosedCurve(Manifold):
    """Curve x = (r cos a, r sin a, 2/2 cos 2a, 2/2 sin 2a, 2/3 cos 3a, 2/3 sin 3a, ...), cut to ``dim`` coordinates.

    r = 2 (1 + .3 cos 3a); a has the density .5 VM(2, 4) + .3 VM(4.4, 8) + .2 / (2 pi), where VM(m, k) is the von
    Mises density. The curve does not intersect itself in any dimension. Defined by this benchmark.
    """

    dim: AtLeastTwo = 2
    train: PositiveInt = 50_000
    val: PositiveInt = 10_000
    test: PositiveInt = 10_000

    density = "closed form in the angle; none in the surrounding space"
    source = "designed for ebmbench"

    def embed(self, angle: Tensor) -> Tensor:
        """Return the curve's points: r in the first plane; pair k of coordinates is a circle traversed k times."""
        radii = [2 * (1 + 0.3 * (3 * angle).cos())] + [2 / k for k in range(2, math.ceil(self.dim / 2) + 1)]
        pairs = [(radius * (k * angle).cos(), radius * (k * angle).sin()) for k, radius in enumerate(radii, start=1)]
        return torch.stack([value for pair in pairs for value in pair][: self.dim], dim=-1)

    def angle_density(self, angle: Tensor) -> Tensor:
        """Return the mixture density of the angle."""
        a = angle.double().numpy()
        mixture = sum(weight * vonmises.pdf(a, concentration, loc=mean) for weight, mean, concentration in PARTS)
        return torch.from_numpy(mixture + UNIFORM / TURN)

    def cumulative(self, angle: Tensor) -> Tensor:
        """Return the mixture's distribution function, from each component's Fourier series."""
        a = angle.double().numpy()
        mixture = sum(
            weight * (vonmises.cdf(a, concentration, loc=mean) - vonmises.cdf(0.0, concentration, loc=mean))
            for weight, mean, concentration in PARTS
        )
        return torch.from_numpy(mixture + UNIFORM * a / TURN)
