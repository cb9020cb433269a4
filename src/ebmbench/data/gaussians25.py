"""Mixture of 25 equal Gaussians on a square lattice."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ebmbench.core.ranges import PositiveInt
from ebmbench.data.mixture import Gaussians, IsotropicMixture
from ebmbench.data.toy import Toy

__all__ = ["Gaussians25"]

SCALE = 1.414
SD = 0.2 / SCALE


@dataclass(frozen=True)
class Gaussians25(IsotropicMixture, Toy):
    """Mixture of 25 Gaussians, p = 1/25 sum N(x; (2i, 2j) / 1.414, (0.2 / 1.414)² I) over i, j in -2..2.

    Neighbours are ten standard deviations apart, so the entropy is log 25 + 1 + log(2 pi sd²) = 2.1450 nats.
    The setting of the energy discrepancy paper (Schröder et al., 2023).
    """

    train: PositiveInt = 50_000
    val: PositiveInt = 10_000
    test: PositiveInt = 10_000

    source = "generator of Schröder et al. (2023), Energy discrepancies"

    def gaussians(self) -> Gaussians:
        """Return equal Gaussians on the lattice, in the order in which the first coordinate varies slowest."""
        line = 2 * torch.arange(-2, 3, dtype=torch.float64) / SCALE
        centres = torch.cartesian_prod(line, line)
        return Gaussians(centres, torch.full((25,), 1 / 25, dtype=torch.float64), SD)
