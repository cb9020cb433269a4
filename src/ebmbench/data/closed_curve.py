"""A curve with three lobes and a law along it that favours two places."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from scipy.stats import vonmises
from torch import Tensor

from ebmbench.data.manifold import TURN, Manifold

__all__ = ["ClosedCurve"]

#: (weight, mean, concentration) of the von Mises laws of the angle; little mass is where the angle starts anew
PARTS = ((0.5, 2.0, 4.0), (0.3, 4.4, 8.0))

#: weight of the uniform law
UNIFORM = 0.2


@dataclass(frozen=True)
class ClosedCurve(Manifold):
    """x = (r cos a, r sin a, 2/2 cos 2a, 2/2 sin 2a, 2/3 cos 3a, 2/3 sin 3a, ...), the first ``dim`` of these.

    r = 2 (1 + .3 cos 3a); a has the density .5 VM(2, 4) + .3 VM(4.4, 8) + .2 / (2 pi), VM(m, k) von Mises. The
    curve does not meet itself in any dimension. This suite's own.
    """

    dim: int = 2
    train: int = 50_000
    val: int = 10_000
    test: int = 10_000

    density = "of the angle, closed form; none in the space around the curve"
    source = "this suite"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.dim < 2:
            raise ValueError(f"dim = {self.dim}; allowed: 2 or more")

    def embed(self, angle: Tensor) -> Tensor:
        """A radius in the plane, circles run through twice, three times and so on in the further pairs."""
        radii = [2 * (1 + 0.3 * (3 * angle).cos())] + [2 / k for k in range(2, math.ceil(self.dim / 2) + 1)]
        pairs = [(radius * (k * angle).cos(), radius * (k * angle).sin()) for k, radius in enumerate(radii, start=1)]
        return torch.stack([value for pair in pairs for value in pair][: self.dim], dim=-1)

    def angle_density(self, angle: Tensor) -> Tensor:
        """The mixture's."""
        a = angle.double().numpy()
        laws = sum(weight * vonmises.pdf(a, concentration, loc=mean) for weight, mean, concentration in PARTS)
        return torch.from_numpy(laws + UNIFORM / TURN)

    def cumulative(self, angle: Tensor) -> Tensor:
        """The mixture's, by the Fourier series of each law."""
        a = angle.double().numpy()
        laws = sum(
            weight * (vonmises.cdf(a, concentration, loc=mean) - vonmises.cdf(0.0, concentration, loc=mean))
            for weight, mean, concentration in PARTS
        )
        return torch.from_numpy(laws + UNIFORM * a / TURN)
