"""Annealed importance sampling along the path from the base measure to the model."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ebmbench.core.ranges import AtLeastTwo, NonNegativeInt, PositiveInt, check_ranges
from ebmbench.inference.likelihoods import annealed
from ebmbench.inference.likelihoods.interface import Normalisation, Problem

__all__ = ["AIS"]


@dataclass(frozen=True)
class AIS:
    """Annealed importance sampling, log Z = log E[w], from the base measure b to the model   (Neal 2001).

    The path is b(x) exp(beta w(x)), beta from 0 to 1 in ``temperatures`` steps of equal length, measured by the
    coefficient of variation of their weights and chosen by a pilot population; each level has ``moves`` HMC
    trajectories of ``leapfrog`` steps (1: MALA). ``populations`` independent populations of ``particles`` give the
    standard error. Samples: particles resampled by weight, then ``refresh`` trajectories at beta = 1.
    """

    populations: AtLeastTwo = 16
    particles: AtLeastTwo = 128
    temperatures: PositiveInt = 200
    moves: PositiveInt = 1
    leapfrog: PositiveInt = 1
    refresh: NonNegativeInt = 30

    def __post_init__(self) -> None:
        check_ranges(self)

    def applies(self, problem: Problem) -> bool:
        """Return whether the base measure is normal or the push-forward of normal latents."""
        return annealed.applies(problem)

    def normalise(self, problem: Problem, draws: int, generator: torch.Generator) -> Normalisation:
        """Estimate log Z and draw ``draws`` samples from the model's distribution."""
        return annealed.normalise(problem, self.sweep(), "AIS", draws, self.refresh, generator)

    def sweep(self) -> annealed.AnnealingSweep:
        """Return the settings of the sweep; raise ValueError for counts that are too small."""
        return annealed.AnnealingSweep(
            self.populations, self.particles, self.temperatures, self.moves, self.leapfrog, resample=0.0
        )
