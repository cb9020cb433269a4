"""Rotated products of models of the plane, whose log Z and mean energy are sums of quadratures."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ebmbench.data.rotated_product import orthogonal
from ebmbench.experiments.calibration.known_answer import KnownTarget, tilted
from ebmbench.experiments.calibration.plane_quadrature import PlaneGrid, quadrature
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.tilted import Tilted

#: quadrature: half-side of the square that holds a model of the plane, and cells per side
BOX, CELLS = 12.0, 480

#: seed of the rotation
ROTATION = 0


class ProductEnergy(nn.Module):
    """U(x) = sum_j U_j((R' x)_j), (R' x)_j the j-th pair of coordinates, U_j the ``networks`` in turn.

    ``rotation``: R, ``(D, D)``, orthogonal.
    """

    rotation: Tensor

    def __init__(self, networks: Sequence[nn.Module], rotation: Tensor) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self.register_buffer("rotation", rotation)

    def forward(self, x: Tensor) -> Tensor:
        """Compute U, ``(B, D)`` -> ``(B,)``."""
        pairs, period = (x @ self.rotation).unflatten(1, (-1, 2)), len(self.networks)
        parts = []
        for first, network in enumerate(self.networks):
            own = pairs[:, first::period]
            parts.append(network(own.flatten(0, 1)).unflatten(0, own.shape[:2]).sum(1))
        return torch.stack(parts).sum(0)


class Factor(NamedTuple):
    """A model of the plane, b exp(-U), in float64: its normal ``base`` measure b and its ``energy`` U."""

    base: Normal
    energy: nn.Module

    @property
    def model(self) -> Tilted:
        """The model."""
        return tilted(self.base, self.energy)


class Product:
    """Product of ``copies`` models of the plane, ``factors`` in turn, rotated: p~(x) = prod_j p~_j((R' x)_j).

    The factors' base measures are N(m_j, S_j), that of the product is N(R m, R S R') with S block-diagonal. R =
    ``rotation`` is orthogonal, by default random: log Z = sum_j log Z_j, and the mean energy is the sum of theirs.
    """

    def __init__(self, factors: Sequence[Factor], copies: int, rotation: Tensor | None = None) -> None:
        self.factors, self.copies = factors[:copies], copies
        self.rotation = orthogonal(2 * copies, ROTATION) if rotation is None else rotation

    def parts(self) -> Tilted:
        """Return the model in float64."""
        bases = [factor.base for factor in self._in_turn(self.factors)]
        mean = self.rotation @ torch.cat([base.mean for base in bases])
        root = self.rotation @ torch.block_diag(*[base.cholesky for base in bases])
        networks = [copy.deepcopy(factor.energy) for factor in self.factors]
        return tilted(Normal(mean, root @ root.T), ProductEnergy(networks, self.rotation))

    @cached_property
    def grids(self) -> list[PlaneGrid]:
        """Quadrature of each factor."""
        return [quadrature(factor.model, BOX, CELLS) for factor in self.factors]

    @property
    def log_z(self) -> float:
        """Log Z, in nats."""
        return sum(grid.log_z for grid in self._in_turn(self.grids))

    @property
    def mean_energy(self) -> float:
        """Mean of U(x) - log b(x) under the product, in nats."""
        return sum(map(mean_energy, self._in_turn(self.grids)))

    def known(self) -> KnownTarget:
        """Return the target in single precision, with its log Z and samples by cells of the quadratures."""
        likely = [grid.likely() for grid in self.grids]

        def exact(n: int, generator: torch.Generator) -> Tensor:
            pairs = [grid.draw(n, generator).double() for grid in self._in_turn(likely)]
            return (torch.cat(pairs, dim=-1) @ self.rotation.T).float()

        return KnownTarget(self.parts().float(), self.log_z, exact)

    def _in_turn(self, values: Sequence[Any]) -> list[Any]:
        return [values[j % len(values)] for j in range(self.copies)]


def mean_energy(grid: PlaneGrid) -> float:
    """Compute the mean of -log p~ under p, from the log p~ of the quadrature's cells."""
    return -float(grid.mean(grid.log_mass - 2 * math.log(grid.side)))
