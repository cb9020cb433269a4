"""A network's energy at several noise levels, on a normal base measure."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.energies.noise_mlp import NoiseMLP
from ebmbench.families.model import NoiseConditional, TrainingData
from ebmbench.families.normal import Normal
from ebmbench.families.on_normal import OnNormal
from ebmbench.families.tilted import Tilted
from ebmbench.statistics.base import Definition

__all__ = ["NoiseConditionalEBM"]


class TiltedAtLevels(Tilted, NoiseConditional):
    """log p~(x, s) = log b(x) - U(x, s) + <eta, T~(x)>; as a density, that at the smallest level.

    b, eta and T~ as in :class:`~ebmbench.families.tilted.Tilted`, the same at every level.
    """

    sigmas: Tensor
    network: NoiseMLP

    def __init__(self, base: Normal, network: NoiseMLP, sigmas: Tensor, statistic: Definition, train: Tensor) -> None:
        super().__init__(base, network, statistic, train)
        self.register_buffer("sigmas", sigmas)

    def log_weight(self, x: Tensor) -> Tensor:
        """-U(x, s_L) + <eta, T~(x)> at the smallest level s_L, ``(B, D)`` -> ``(B,)``."""
        return self._log_weight_at(x, self.sigmas[-1].expand(len(x)))

    def energy_at(self, x: Tensor, sigma: Tensor) -> Tensor:
        """-log p~(x, sigma), ``x: (B, D)`` and ``sigma: (B,)`` -> ``(B,)``."""
        return -(self.base.log_density(x) + self._log_weight_at(x, sigma))

    def _log_weight_at(self, x: Tensor, sigma: Tensor) -> Tensor:
        return self._with_tilt(x, -self.network(x, sigma))


@dataclass(frozen=True)
class NoiseConditionalEBM(OnNormal):
    """The family ``ebm`` with an energy U(x, s) at ``levels`` noise levels s (Song & Ermon 2019).

    Levels are standard deviations in the rows' units, geometric from ``sigma_max`` (that of the data or more) to
    ``sigma_min``; one level alone is ``sigma_min``. The network's inputs are x, and log s scaled to [-1, 1]. The
    density is that at ``sigma_min``, the only level that losses other than ``dsm_levels`` see. ``width``, ``depth``
    and ``base_scale`` as in ``ebm``.
    """

    sigma_max: float = 3.0
    sigma_min: float = 0.1
    levels: int = 8
    width: int = 128
    depth: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.sigma_min < self.sigma_max:
            raise ValueError("sigma_min must be above 0, sigma_max above sigma_min")
        if min(self.levels, self.width, self.depth) < 1:
            raise ValueError("levels, width and depth must be 1 or more")

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> TiltedAtLevels:
        """An untrained model in single precision."""
        ends = self.sigma_min, self.sigma_max
        network = NoiseMLP(data.dim, self.width, self.depth, ends, generator)
        train = data.splits.train
        return TiltedAtLevels(self.measure(train), network, self._sigmas(), statistic, train).float()

    def _sigmas(self) -> Tensor:
        """``(levels,)``, falling."""
        steps = torch.arange(self.levels, dtype=torch.float64).flip(0) / max(self.levels - 1, 1)
        return self.sigma_min * (self.sigma_max / self.sigma_min) ** steps
