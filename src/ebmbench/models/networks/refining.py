"""Settings of the energy that refines a base measure."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ebmbench.core.ranges import PositiveFloat, PositiveInt, check_ranges
from ebmbench.models.networks.floored import Floored
from ebmbench.models.networks.mlp import MLP


@dataclass(frozen=True, kw_only=True)
class RefiningEnergy:
    """An MLP of ``depth`` hidden layers of ``width`` SiLU units, 0 before training, bounded below by about -``floor``.

    ``spectral`` restricts its linear maps to a norm of at most 1.
    """

    width: PositiveInt = 64
    depth: PositiveInt = 3
    spectral: bool = False
    floor: PositiveFloat = 10.0

    def __post_init__(self) -> None:
        check_ranges(self)

    def energy(self, dim: int, generator: torch.Generator) -> Floored:
        """Return the untrained network for points in ``dim`` dimensions."""
        network = MLP(dim, self.width, self.depth, generator, flat=True, spectral=self.spectral)
        return Floored(network, self.floor)
