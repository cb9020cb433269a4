"""Pinwheel: five bent blades around the origin."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveInt
from ebmbench.data import preimages
from ebmbench.data.curve import gauss_legendre, log_normal
from ebmbench.data.preimages import twist
from ebmbench.data.toy import Toy

__all__ = ["Pinwheel"]

ARMS = 5
RADIAL = 0.3
SD = 0.1
SCALE = 2.0
#: number of points per block in log_prob
BLOCK = 2**14
#: radius |x| / 2 beyond which the density is replaced by its mean over the angle: there p < exp(-85), and an
#: arm turns by more than a full circle within a distance of 0.2
FAR = 5.0


@dataclass(frozen=True)
class Pinwheel(Toy):
    """Pinwheel, x = 2 R(2 pi k / 5 + exp(f_1) / 4) f, f = (1 + 0.3 z_1, 0.1 z_2), k uniform on 0..4, z ~ N(0, I).

    R(a) is a clockwise rotation by a. The map f -> x stretches area by 4 |1 + f_2 exp(f_1) / 4|, so the exact density
    is p(x) = 1/5 sum N(f_1; 1, 0.3²) N(f_2; 0, 0.1²) / (4 |1 + f_2 exp(f_1) / 4|) over all f that map to x
    (see :mod:`ebmbench.data.preimages`). Where the map folds (mass 1e-9), p is infinite on a curve.
    The generator of Johnson et al. (2016), scaled as in FFJORD (Grathwohl et al., 2019).
    """

    train: PositiveInt = 50_000
    val: PositiveInt = 10_000
    test: PositiveInt = 10_000

    density = "change of variables, sum over all preimages"
    source = "generator of Johnson et al. (2016), SVAE; scaled as by Grathwohl et al. (2019), FFJORD"

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw features and rotate them clockwise by their blade's angle plus their own twist."""
        arm = torch.randint(ARMS, (n,), generator=generator)
        z = torch.randn(n, 2, dtype=torch.float64, generator=generator)
        f1, f2 = 1 + RADIAL * z[:, 0], SD * z[:, 1]
        angle = 2 * math.pi * arm / ARMS + twist(f1)
        turned = [f1 * angle.cos() + f2 * angle.sin(), f2 * angle.cos() - f1 * angle.sin()]
        return (SCALE * torch.stack(turned, dim=-1)).float()

    def log_prob(self, x: Tensor) -> Tensor:
        """Compute the log of the sum over preimages; beyond |x| = 10, of its mean over the angle."""
        y = x.double() / SCALE
        radius = y.norm(dim=-1)
        result = _mean_over_angle(radius)
        near = (radius <= FAR).nonzero()[:, 0]
        for rows in near.split(BLOCK):
            result[rows] = _at(y[rows])
        return result - 2 * math.log(SCALE)


def _at(y: Tensor) -> Tensor:
    """Compute log p_y(y) for ``y: (B, 2)`` -> ``(B,)``."""
    found = preimages.of(y.norm(dim=-1), torch.atan2(y[:, 1], y[:, 0]), 2 * math.pi / ARMS)
    stretch = (1 + found.f2 * twist(found.f1)).abs()
    terms = _log_features(found.f1, found.f2) - stretch.log() - math.log(ARMS)
    top = torch.full_like(y[:, 0], -math.inf).scatter_reduce(0, found.row, terms, "amax")
    total = torch.zeros_like(top).index_add(0, found.row, (terms - top[found.row]).exp())
    return top + total.log()


def _mean_over_angle(radius: Tensor) -> Tensor:
    """Compute log (1 / 2 pi) ∫ N(r cos a; 1, 0.3²) N(r sin a; 0, 0.1²) da over |r a| < 1, for radii ``(B,)`` >= 5."""
    s, weight = gauss_legendre(-1.0, 1.0, 64)
    a = s / radius[:, None].clamp_min(1.0)
    terms = _log_features(radius[:, None] * a.cos(), radius[:, None] * a.sin()) + weight.log()
    return torch.logsumexp(terms, dim=-1) - (2 * math.pi * radius.clamp_min(1.0)).log()


def _log_features(f1: Tensor, f2: Tensor) -> Tensor:
    return log_normal(f1 - 1, RADIAL) + log_normal(f2, SD)
