"""An energy network at several noise levels, on a normal base measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveFloat, PositiveInt
from ebmbench.models.distributions.on_normal import OnNormal
from ebmbench.models.distributions.tilted_levels import TiltedAtLevels
from ebmbench.models.interface import TrainingData
from ebmbench.models.networks.noise_mlp import NoiseMLP
from ebmbench.models.statistics.interface import Definition

__all__ = ["NoiseConditionalEBM"]


@dataclass(frozen=True)
class NoiseConditionalEBM(OnNormal):
    """Noise-conditional ``ebm``: an energy U(x, s) at ``levels`` noise levels s (Song & Ermon 2019).

    Levels are standard deviations in data units, geometric from ``sigma_max`` (the data's standard deviation or more)
    to ``sigma_min``; a single level is ``sigma_min``. The network's inputs are x, and log s scaled to [-1, 1]. The
    density is the one at ``sigma_min``, the only level that losses other than ``dsm_levels`` see. Statistics have
    separate natural parameters for each level. ``width``, ``depth`` and ``base_scale`` as in ``ebm``.
    """

    provides: ClassVar[tuple[str, ...]] = ("statistics", "noise_levels")

    sigma_max: PositiveFloat = 3.0
    sigma_min: PositiveFloat = 0.1
    levels: PositiveInt = 8
    width: PositiveInt = 128
    depth: PositiveInt = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sigma_min >= self.sigma_max:
            raise ValueError(f"sigma_min = {self.sigma_min:g}; allowed: below sigma_max = {self.sigma_max:g}")

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> TiltedAtLevels:
        """Return an untrained model in single precision."""
        ends = self.sigma_min, self.sigma_max
        network = NoiseMLP(data.dim, self.width, self.depth, ends, generator)
        train = data.splits.train
        return TiltedAtLevels(self.measure(train), network, self._sigmas(), statistic, train).float()

    def _sigmas(self) -> Tensor:
        """Return the noise levels ``(levels,)`` in falling order."""
        steps = torch.arange(self.levels, dtype=torch.float64).flip(0) / max(self.levels - 1, 1)
        return self.sigma_min * (self.sigma_max / self.sigma_min) ** steps
