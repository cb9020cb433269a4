"""A target in latent space: a nonlinear generator, and an energy with two modes of unequal weight."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from ebmbench.experiments.calibration import plane_quadrature
from ebmbench.experiments.calibration.known_answer import KnownTarget, tilted
from ebmbench.experiments.calibration.plane_quadrature import PlaneGrid
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.tilted import Tilted

#: latents at the bottom of the two wells, the heavier one first
CENTRES = ((1.6, -0.4), (-1.6, 0.4))

#: weight of the heavier well in exp(-E), and the width of both in data space
SHARE, WIDTH = 0.8, 0.25

#: quadrature: half-side of the square in latent space, and cells per side (even, so that a cell edge separates the
#: modes)
BOX, CELLS = 8.0, 800


class BentGenerator(nn.Module):
    """G(z) = (z_1 + .3 z_2^2, z_2 + .5 tanh z_1, .5 z_2 sin z_1): ``(B, 2)`` -> ``(B, 3)``."""

    def forward(self, z: Tensor) -> Tensor:
        """Map latents to points of the surface in data space."""
        first, second = z[:, 0], z[:, 1]
        parts = (first + 0.3 * second.square(), second + 0.5 * first.tanh(), 0.5 * second * first.sin())
        return torch.stack(parts, -1)


class Wells(nn.Module):
    """E(G(z)) = -log sum_k a_k exp(-|G(z) - G(c_k)|^2 / (2 width^2)), a_k the wells' weights, c_k their bottoms."""

    bottoms: Tensor
    log_shares: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.generator = BentGenerator()
        self.register_buffer("bottoms", self.generator(torch.tensor(CENTRES, dtype=torch.float64)))
        self.register_buffer("log_shares", torch.tensor([SHARE, 1 - SHARE], dtype=torch.float64).log())

    def forward(self, z: Tensor) -> Tensor:
        """Compute E(G(z)), ``(B, 2)`` -> ``(B,)``."""
        squares = (self.generator(z)[:, None] - self.bottoms).square().sum(-1)
        return -torch.logsumexp(self.log_shares - squares / (2 * WIDTH**2), -1)


class Reference(NamedTuple):
    """Quadrature's log Z in nats, mass with z_1 > 0, and mean ``(2,)`` and variance ``(2,)`` of z."""

    log_z: float
    weight: float
    mean: Tensor
    variance: Tensor


def model() -> Tilted:
    """Return N(0, I) tilted by -E(G(z)), in float64."""
    base = Normal(torch.zeros(2, dtype=torch.float64), torch.eye(2, dtype=torch.float64))
    return tilted(base, Wells())


def quadrature(cells: int = CELLS) -> PlaneGrid:
    """Compute the density at the midpoints of ``cells`` x ``cells`` squares of [-8, 8]^2."""
    return plane_quadrature.quadrature(model(), BOX, cells)


def reference(of: PlaneGrid) -> Reference:
    """Compute reference values by midpoint sums."""
    mean = of.mean(of.points)
    weight = float(of.mean((of.points[:, 0] > 0).double()))
    return Reference(of.log_z, weight, mean, of.mean((of.points - mean).square()))


def two_modes() -> KnownTarget:
    """Return the latent density, with samples by cells of the quadrature's grid."""
    of = quadrature()
    likely = of.likely()
    return KnownTarget(model().float(), of.log_z, lambda n, generator: likely.draw(n, generator).float())
