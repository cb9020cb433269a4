"""Annealed importance sampling by ebmkit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from ebmbench.core.cost import Cost
from ebmbench.core.randomness import seeded
from ebmbench.inference.likelihoods.interface import Normalisation, Problem
from ebmbench.inference.likelihoods.populations import judged, of_weights, split
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.peers import CountedEnergy, EbmkitNoise, package

__all__ = ["EbmkitAIS"]

#: groups of chains by whose spread a standard error is judged
GROUPS = 16


@dataclass(frozen=True)
class EbmkitAIS:
    """log Z by ``ebm.ais_log_z`` of the package ebmkit, annealed from the model's normal base measure (Neal 2001).

    ``chains`` over ``temperatures`` levels of equal length, one HMC trajectory of ``leapfrog`` steps at each, its step
    size from ``step_size`` on as the package adapts it, from one level to the next. The error is that of the spread of
    16 groups of chains. Draws: the last states by their weights.
    """

    chains: int = 2048
    temperatures: int = 200
    leapfrog: int = 5
    step_size: float = 0.1

    def __post_init__(self) -> None:
        if min(self.temperatures, self.leapfrog) < 1 or self.chains < 2 * GROUPS or self.step_size <= 0:
            raise ValueError(
                f"temperatures and leapfrog must be 1 or more, chains {2 * GROUPS} or more, step_size above 0"
            )

    def applies(self, problem: Problem) -> bool:
        """To energies on a normal base measure."""
        return isinstance(problem.model, Tilted) and isinstance(problem.model.base, Normal)

    def normalise(self, problem: Problem, draws: int, generator: torch.Generator) -> Normalisation:
        """log Z and ``draws`` rows by weight; raises :class:`UserError` where the package is not installed."""
        ebm, energy = package("ebmkit", "ebm"), CountedEnergy(problem.model)
        kernel = ebm.HMC(step_size=self.step_size, leapfrog_steps=self.leapfrog, steps=1)
        with seeded(generator):
            found = ebm.ais_log_z(
                energy,
                (problem.model.dim,),
                base=EbmkitNoise(problem.model),
                n_temps=self.temperatures,
                n_chains=self.chains,
                sampler=kernel,
            )
        log_z = judged(*of_weights(split(found.log_weights, GROUPS)), self.chains // GROUPS, "ebmkit AIS")
        cost = Cost(energy.points, energy.gradients)
        if not math.isfinite(log_z.value):
            return Normalisation(log_z, problem.train[:0], "none", 0, cost)
        weights = (found.log_weights - found.log_weights.max()).exp()
        chosen = torch.multinomial(weights, draws, replacement=True, generator=generator)
        n_eff = min(float(weights.sum() ** 2 / weights.square().sum()), draws)
        return Normalisation(log_z, found.samples[chosen], "ebmkit AIS resampling", n_eff, cost)
