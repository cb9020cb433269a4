"""Independent copies of a data set of the plane, rotated together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Le
from torch import Tensor

from ebmbench.core.ranges import NonNegativeInt, PositiveInt
from ebmbench.core.seeds import generator as seeded
from ebmbench.data.checkerboard import Checkerboard
from ebmbench.data.drawn import Drawn
from ebmbench.data.gaussians8 import Gaussians8
from ebmbench.data.gaussians25 import Gaussians25
from ebmbench.data.interface import KnownDensity
from ebmbench.data.moons import Moons
from ebmbench.data.pinwheel import Pinwheel
from ebmbench.data.ring8_unequal import Ring8Unequal
from ebmbench.data.rings import Rings
from ebmbench.data.swissroll import Swissroll
from ebmbench.data.toy import Toy
from ebmbench.data.two_spirals import TwoSpirals

__all__ = ["RotatedProduct"]

#: data sets of the plane by name
PLANE: dict[str, type[Toy]] = {
    "checkerboard": Checkerboard,
    "gaussians25": Gaussians25,
    "gaussians8": Gaussians8,
    "moons": Moons,
    "pinwheel": Pinwheel,
    "ring8_unequal": Ring8Unequal,
    "rings": Rings,
    "swissroll": Swissroll,
    "two_spirals": TwoSpirals,
}


@dataclass(frozen=True)
class RotatedProduct(Drawn, KnownDensity):
    """Rotated product x = R (y_1, ..., y_k), y_j independent samples of the plane's data set ``of``, k = ``copies``.

    log p(x) = sum_j log p_of((R' x)_j) in 2k dimensions, so the entropy is k times that of the plane's data set. R is a
    random orthogonal matrix, uniformly distributed over the seeds ``rotation``. Designed for ebmbench.
    """

    of: Literal[
        "checkerboard",
        "gaussians25",
        "gaussians8",
        "moons",
        "pinwheel",
        "ring8_unequal",
        "rings",
        "swissroll",
        "two_spirals",
    ] = "moons"
    copies: Annotated[int, Ge(2), Le(16)] = 4
    rotation: NonNegativeInt = 0
    train: PositiveInt = 50_000
    val: PositiveInt = 10_000
    test: PositiveInt = 10_000

    density = "product of the plane's densities, each as in two dimensions"
    source = "designed for ebmbench; the plane's data sets have sources of their own"

    @property
    def dim(self) -> int:  # type: ignore[override]
        """Dimension 2k."""
        return 2 * self.copies

    @property
    def plane(self) -> Toy:
        """The data set of the plane that is repeated."""
        return PLANE[self.of]()

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw the copies and rotate them."""
        # a checkerboard's points stay off its edges by several times what rounding moves them
        copies = torch.cat([self.plane.sample(n, generator) for _ in range(self.copies)], dim=-1)
        return (copies.double() @ orthogonal(self.dim, self.rotation).T).float()

    def log_prob(self, x: Tensor) -> Tensor:
        """Compute the sum over the copies of the plane's log-density."""
        pairs = (x.double() @ orthogonal(self.dim, self.rotation)).split(2, dim=-1)
        return torch.stack([self.plane.log_prob(pair) for pair in pairs]).sum(0)


@cache
def orthogonal(dim: int, seed: int) -> Tensor:
    """Draw a ``(D, D)`` orthogonal matrix from the uniform distribution, float64: QR of normal numbers, R_ii > 0."""
    normal = torch.randn(dim, dim, dtype=torch.float64, generator=seeded("rotated_product", "rotation", dim, seed))
    q, r = torch.linalg.qr(normal)
    return q * r.diagonal().sign()
