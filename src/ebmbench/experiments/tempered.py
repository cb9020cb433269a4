"""A trained model at an inverse temperature, and exact samples of it as a reference for samplers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ebmbench.core.cost import Cost
from ebmbench.core.midpoints import midpoints
from ebmbench.inference.likelihoods.interface import Likelihood, LogZ, Normalisation, Problem
from ebmbench.inference.likelihoods.quadrature import reach_of
from ebmbench.inference.likelihoods.smc import SMC
from ebmbench.inference.samplers import grid
from ebmbench.inference.samplers.target import Target, of_model
from ebmbench.models.blocks import in_blocks
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.statistics.none import NoStatistic

#: half-sides of the boxes of cells to try, in reaches of the base measure
BEYOND = (1.5, 3.0, 6.0, 12.0)

#: cells whose log-mass is this many nats below the largest one's are left out
NEGLIGIBLE = 30.0

#: number of rounds in which cells are split in three per side: more would be near the limit of single precision
ROUNDS = 8

METHOD = "latent cells"

#: fraction of mass at the edge of the box above which a box counts as too small
ESCAPING = 1e-6


class TemperedEnergy(nn.Module):
    """U(x) = -beta w(x), w the log-weight of ``model``."""

    def __init__(self, model: Generalized, beta: float) -> None:
        super().__init__()
        self.model, self.beta = model, beta

    def forward(self, x: Tensor) -> Tensor:
        """Compute U, ``(B, D)`` -> ``(B,)``."""
        return -self.beta * self.model.log_weight(x)


def tempered(model: Generalized, beta: float, train: Tensor) -> Problem:
    """Return pi_beta, proportional to b exp(beta w), as a model to normalise; at beta = 1 it is ``model`` itself."""
    energy = TemperedEnergy(model, beta)
    return Problem(Generalized(model.base, energy, NoStatistic(), train).eval().requires_grad_(False), train)


@dataclass(frozen=True)
class LatentCells:
    """Exact samples from the density of the latents on cells that are split where the mass is.

    A box of 1.5 reaches of the base measure, or a wider one if mass lies at its edge, is cut into ``sides`` cells per
    side. As long as fewer than 3^-D of the cells hold all mass that is not negligible, these are split in 3^D and the
    others left out, so the cells follow a distribution that narrows as beta grows. Samples are uniform in a cell and
    then pass through the generator.
    """

    sides: int = 600

    def applies(self, problem: Problem) -> bool:
        """Return whether there are one or two latent dimensions."""
        return of_model(problem.model).measure().dim <= 2

    def normalise(self, problem: Problem, draws: int, generator: torch.Generator) -> Normalisation:
        """Compute log Z and ``draws`` samples of the model; failed if mass lies at the edge of every box."""
        target = of_model(problem.model)
        reach, evaluations = reach_of(target.measure()), 0
        for half in (factor * reach for factor in BEYOND):
            points, log_mass, side = self._cells(target, half, problem.train)
            evaluations += len(points)
            log_z, edge = float(log_mass.logsumexp(0)), points.abs().amax(1) > half * (1 - 2 / self.sides)
            escaping = float((log_mass[edge] - log_z).exp().sum())
            if escaping <= ESCAPING:
                drawn = grid.draw(points, log_mass, torch.full_like(points[:, 0], side), draws, generator)
                samples, found = in_blocks(target.decode, drawn), LogZ(log_z, 0.0, METHOD)
                return Normalisation(found, samples, METHOD, len(samples), Cost(evaluations), exact=True)
        reason = f"a share of {escaping:.2g} of the mass lies at the edge of the box of half-side {half:.3g}"
        failed = LogZ(math.nan, math.nan, METHOD, "failed", reason)
        return Normalisation(failed, points[:0], METHOD, 0, Cost(evaluations), exact=True)

    def _cells(self, target: Target, half: float, like: Tensor) -> tuple[Tensor, Tensor, float]:
        """Return midpoints ``(G, D)``, log of the masses ``(G,)`` float64, and the side of the cells."""
        dim, side = target.measure().dim, 2 * half / self.sides
        points = midpoints(half, self.sides, dim=dim).to(like)
        for _ in range(ROUNDS):
            log_mass = _log_mass(target, points, side)
            order = log_mass.argsort(descending=True)
            kept = order[: len(order) // 3**dim]
            if float(log_mass[order[len(kept)]]) > float(log_mass[order[0]]) - NEGLIGIBLE:
                return points, log_mass, side
            side /= 3
            points = _thirds(points[kept], side)
        return points, _log_mass(target, points, side), side


#: exact samplers; the first that applies is used
WAYS: tuple[Likelihood, ...] = (LatentCells(), SMC(particles=512))


def exact(problem: Problem, draws: int, generator: torch.Generator, ways: Sequence[Likelihood] = WAYS) -> Normalisation:
    """Draw ``draws`` samples of the model: by cells of its latents in one and two dimensions, beyond by SMC."""
    return next(way for way in ways if way.applies(problem)).normalise(problem, draws, generator)


def _log_mass(target: Target, points: Tensor, side: float) -> Tensor:
    values = in_blocks(lambda z: target.log_density(z).double(), points)
    # a generator may overflow far out, where there is no mass
    return values.nan_to_num(nan=-math.inf) + target.measure().dim * math.log(side)


def _thirds(points: Tensor, side: float) -> Tensor:
    """Return midpoints ``(3^D G, D)`` of cells of side ``side`` that split triple-sized ones at ``points: (G, D)``."""
    dim = points.shape[1]
    offsets = torch.cartesian_prod(*[torch.arange(-1, 2)] * dim).reshape(-1, dim)
    return (points[:, None] + side * offsets).flatten(0, 1)
