"""A network's energy on a trained flow."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ebmbench.energies.floored import Floored
from ebmbench.energies.mlp import MLP
from ebmbench.families.model import TrainingData
from ebmbench.families.tilted import Tilted
from ebmbench.statistics.base import Statistic

__all__ = ["GEBMFlow"]


@dataclass(frozen=True)
class GEBMFlow:
    """log p~(x) = log b(x) - U(x) + <eta, T~(x)>, b a flow trained before   (Arbel, Zhou and Gretton 2021).

    ``base`` names the entry of the families axis whose run with loss ``ml``, on the same seed, gives b. It stands
    still, or, if ``joint``, is trained further in steps of its own (``base_every`` of the training). U is an MLP of
    ``depth`` hidden layers of ``width`` SiLU units, 0 before training: the model begins as its base. ``spectral`` holds
    its linear maps to a norm of at most 1, and U lies above about -``floor``. Samplers and annealing run on the flow's
    normal latents.
    """

    base: str = "flow"
    width: int = 64
    depth: int = 3
    spectral: bool = False
    floor: float = 10.0
    joint: bool = False

    def __post_init__(self) -> None:
        if self.width < 1 or self.depth < 1 or self.floor <= 0:
            raise ValueError("width and depth must be 1 or more, floor above 0")

    def build(self, data: TrainingData, statistic: Statistic, generator: torch.Generator) -> Tilted:
        """A model that is its base; raises ``ValueError`` without one."""
        if data.base is None:
            raise ValueError("family gebm_flow needs a trained base")
        energy = MLP(data.dim, self.width, self.depth, generator, flat=True, spectral=self.spectral)
        base = data.base.requires_grad_(self.joint)
        return Tilted(base, Floored(energy, self.floor), statistic, data.splits.train).float()
