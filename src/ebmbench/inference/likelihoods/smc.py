"""Sequential Monte Carlo along the annealing path."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ebmbench.core.ranges import AtLeastTwo, NonNegativeInt, PositiveFraction, PositiveInt, check_ranges
from ebmbench.inference.likelihoods import annealed
from ebmbench.inference.likelihoods.interface import Normalisation, Problem

__all__ = ["SMC"]


@dataclass(frozen=True)
class SMC:
    """Sequential Monte Carlo: annealed importance sampling with resampling   (Del Moral, Doucet & Jasra 2006).

    As :class:`~ebmbench.inference.likelihoods.ais.AIS`, but a population is resampled (multinomially) whenever the
    effective fraction of its particles falls below ``resample``. Each population's estimate remains unbiased for Z, and
    its variance is estimated from its genealogy (Lee & Whiteley 2018).
    """

    populations: AtLeastTwo = 16
    particles: AtLeastTwo = 128
    temperatures: PositiveInt = 200
    moves: PositiveInt = 1
    leapfrog: PositiveInt = 1
    resample: PositiveFraction = 0.5
    refresh: NonNegativeInt = 30

    def __post_init__(self) -> None:
        check_ranges(self)

    def applies(self, problem: Problem) -> bool:
        """Return whether the base measure is normal or the push-forward of normal latents."""
        return annealed.applies(problem)

    def normalise(self, problem: Problem, draws: int, generator: torch.Generator) -> Normalisation:
        """Estimate log Z and draw ``draws`` samples from the model's distribution."""
        return annealed.normalise(problem, self.sweep(), "SMC", draws, self.refresh, generator)

    def sweep(self) -> annealed.AnnealingSweep:
        """Return the settings of the sweep; raise ValueError for counts that are too small."""
        return annealed.AnnealingSweep(
            self.populations, self.particles, self.temperatures, self.moves, self.leapfrog, self.resample
        )
