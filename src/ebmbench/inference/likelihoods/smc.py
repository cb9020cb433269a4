"""Sequential Monte Carlo on the tempered path."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ebmbench.inference.likelihoods import annealed
from ebmbench.inference.likelihoods.interface import Normalisation, Problem

__all__ = ["SMC"]


@dataclass(frozen=True)
class SMC:
    """Annealed importance sampling whose particles are resampled on the way   (Del Moral, Doucet & Jasra 2006).

    As :class:`~ebmbench.inference.likelihoods.ais.AIS`; a population is resampled (multinomially) whenever its
    effective share falls below ``resample``. Each population's estimate stays unbiased for Z, and its variance
    is estimated from its genealogy (Lee & Whiteley 2018).
    """

    populations: int = 16
    particles: int = 128
    temperatures: int = 200
    moves: int = 1
    leapfrog: int = 1
    resample: float = 0.5
    refresh: int = 30

    def __post_init__(self) -> None:
        self.sweep()
        if self.refresh < 0 or not 0 < self.resample <= 1:
            raise ValueError("refresh must be 0 or more, resample above 0 and at most 1")

    def applies(self, problem: Problem) -> bool:
        """To every energy model whose base measure is normal, or made of normal latents."""
        return annealed.applies(problem)

    def normalise(self, problem: Problem, draws: int, generator: torch.Generator) -> Normalisation:
        """log Z and ``draws`` rows of the model's law."""
        return annealed.normalise(problem, self.sweep(), "SMC", draws, self.refresh, generator)

    def sweep(self) -> annealed.AnnealingSweep:
        """What the particles do; raises ValueError for counts that are too small."""
        return annealed.AnnealingSweep(
            self.populations, self.particles, self.temperatures, self.moves, self.leapfrog, self.resample
        )
