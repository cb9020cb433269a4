"""An energy network on a trained flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.interface import TrainingData
from ebmbench.models.networks.refining import RefiningEnergy
from ebmbench.models.statistics.interface import Definition

__all__ = ["GEBMFlow"]


@dataclass(frozen=True)
class GEBMFlow(RefiningEnergy):
    """EBM on a pretrained flow b: log p~(x) = log b(x) - U(x) + <eta, T~(x)>   (Arbel, Zhou and Gretton 2021).

    ``base`` names the entry of the families axis whose run with loss ``ml``, on the same seed, gives b. b is frozen or,
    if ``joint``, trained jointly in separate steps (``base_every`` of the training). U, a
    :class:`~ebmbench.models.networks.refining.RefiningEnergy`, is 0 before training: the model starts as its base.
    Samplers and annealing run on the flow's normal latents.
    """

    provides: ClassVar[tuple[str, ...]] = ("statistics",)

    base: str = "flow"
    joint: bool = False

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> Tilted:
        """Return a model that equals its base; raises ``ValueError`` without a base."""
        if data.base is None:
            raise ValueError("family gebm_flow needs a trained base")
        base = data.base.requires_grad_(self.joint)
        return Tilted(base, self.energy(data.dim, generator), statistic, data.splits.train).float()
