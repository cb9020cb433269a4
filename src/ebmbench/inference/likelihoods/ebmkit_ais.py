"""Annealed importance sampling with the package ebmkit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge

from ebmbench.core.cost import Cost
from ebmbench.core.randomness import seeded
from ebmbench.core.ranges import PositiveFloat, PositiveInt, check_ranges
from ebmbench.inference.likelihoods.interface import Normalisation, Problem
from ebmbench.inference.likelihoods.populations import judged, of_weights, split
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.peers import CountedEnergy, EbmkitNoise, package

__all__ = ["EbmkitAIS"]

#: number of groups of chains whose spread gives the standard error
GROUPS = 16


@dataclass(frozen=True)
class EbmkitAIS:
    """log Z by ``ebm.ais_log_z`` of the package ebmkit, annealed from the model's normal base measure (Neal 2001).

    ``chains`` chains run over ``temperatures`` levels of equal length, with one HMC trajectory of ``leapfrog`` steps at
    each level. The step size starts at ``step_size``, and the package adapts it from one level to the next. The
    standard error is from the spread of 16 groups of chains. Samples: the final states, resampled by weight.
    """

    chains: Annotated[int, Ge(2 * GROUPS)] = 2048
    temperatures: PositiveInt = 200
    leapfrog: PositiveInt = 5
    step_size: PositiveFloat = 0.1

    def __post_init__(self) -> None:
        check_ranges(self)

    def applies(self, problem: Problem) -> bool:
        """Return whether the model is an energy on a normal base measure."""
        return isinstance(problem.model, Tilted) and isinstance(problem.model.base, Normal)

    def normalise(self, problem: Problem, draws: int, generator: torch.Generator) -> Normalisation:
        """Estimate log Z and draw ``draws`` samples; raise :class:`UserError` if the package is not installed."""
        model = problem.model
        if not isinstance(model, Tilted):
            raise TypeError("ebmkit's annealed importance sampling needs a model with a density")
        ebm, energy = package("ebmkit", "ebm"), CountedEnergy(model)
        kernel = ebm.HMC(step_size=self.step_size, leapfrog_steps=self.leapfrog, steps=1)
        with seeded(generator):
            found = ebm.ais_log_z(
                energy,
                (model.dim,),
                base=EbmkitNoise(model),
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
