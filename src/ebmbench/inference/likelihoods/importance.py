"""Importance sampling of log Z with a normalised proposal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.core.ranges import PositiveFraction, PositiveInt, check_ranges
from ebmbench.inference.likelihoods.interface import LogZ, Normalisation, Problem
from ebmbench.inference.likelihoods.populations import judged, of_weights, split
from ebmbench.inference.likelihoods.proposals import ProposalMixture, fitted_flow
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.interface import Density, Generator, Normalised

__all__ = ["Importance"]

#: number of proposals that are weighted at once
BLOCK = 16_384

#: number of parts into which the samples are split, to check that they agree
PARTS = 16


@dataclass(frozen=True)
class Importance:
    """Importance sampling, log Z = log mean_i p~(x_i) / q(x_i), x_i ~ q, i = 1..``points``.

    q = ``base_share`` b + (1 - ``base_share``) f: b the model's base measure, f a neural spline flow fitted to
    the training samples for ``steps`` steps. The fraction of the base bounds the weights where f has no mass; 1 omits
    the flow. Standard error sqrt(chi2 / M), bias about -chi2 / (2 M) with chi2 = 1 / (effective fraction) - 1.
    Samples: the points resampled by weight.
    """

    points: Annotated[int, Ge(2 * PARTS)] = 100_000
    base_share: PositiveFraction = 1.0
    steps: PositiveInt = 400

    def __post_init__(self) -> None:
        check_ranges(self)

    def applies(self, problem: Problem) -> bool:
        """Return True for every model on a base measure, but with a flow only for those with a density."""
        return self.base_share == 1 or isinstance(problem.model, Density)

    def normalise(self, problem: Problem, draws: int, generator: torch.Generator) -> Normalisation:
        """Estimate log Z and draw ``draws`` samples from the model's distribution."""
        proposal = self._proposal(problem, generator)
        x, log_weights = self._weighted(problem, proposal, generator)
        log_z = judged(*of_weights(split(log_weights, PARTS)), self.points // PARTS, "importance sampling")
        cost = Cost(self.points, 0)
        if not math.isfinite(log_z.value):
            reason = "a weight is not finite"
            failed = LogZ(math.nan, math.nan, "importance sampling", "failed", reason)
            return Normalisation(failed, x[:0], "none", 0, cost)
        chosen = torch.multinomial(log_weights.softmax(0), draws, replacement=True, generator=generator)
        n_eff = min(log_z.diagnostics["ess_fraction"] * self.points, draws)
        return Normalisation(log_z, x[chosen], "importance resampling", n_eff, cost)

    def _proposal(self, problem: Problem, generator: torch.Generator) -> Normalised | Generator:
        base = problem.model.base
        if self.base_share == 1:
            return base
        if not isinstance(base, Normalised):
            raise TypeError("a mixture of the base measure and a flow needs the density of both")
        flow = fitted_flow(problem.train, self.steps, generator).to(problem.train.dtype)
        return ProposalMixture(base, flow, self.base_share)

    @torch.no_grad()
    def _weighted(
        self, problem: Problem, proposal: Normalised | Generator, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Return points ``(M, D)`` in random order and their log-weights ``(M,)``."""
        points, weights = [], []
        for start in range(0, self.points, BLOCK):
            x = proposal.sample(min(BLOCK, self.points - start), generator)
            points.append(x)
            weights.append(_log_weight(problem.model, proposal, x).double())
        return torch.cat(points), torch.cat(weights)


def _log_weight(model: Generalized, proposal: Normalised | Generator, x: Tensor) -> Tensor:
    """Compute log dp~/dq at ``x: (B, D)``; if q is the base measure, no density is needed."""
    if proposal is model.base:
        return model.log_weight(x)
    if not isinstance(model, Density) or not isinstance(proposal, Normalised):
        raise TypeError("weights of a proposal other than the base measure need the density of both")
    return model.log_density(x) - proposal.log_density(x)
