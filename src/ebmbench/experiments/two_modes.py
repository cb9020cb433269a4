"""Two normal modes on a line, and exact scores of models of them, by sums over cells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.experiments import mixture
from ebmbench.experiments.mixture import LineMixture
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.likelihoods.quadrature import Quadrature
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.interface import Model
from ebmbench.models.statistics.interface import Statistic

#: number of cells of the box that holds the data; 0 divides it into equal halves
GRID = 1800

#: number of standard deviations by which the box extends beyond the means
REACH = 6.0


@dataclass(frozen=True)
class TwoModes:
    """q(x) = (1 - r) N(x; -a, s^2) + r N(x; a, s^2): ``weight`` r, ``sd`` s, ``gap`` 2 a / s."""

    gap: float
    weight: float = 0.2
    sd: float = 0.5

    @property
    def box(self) -> float:
        """Half-length of the interval that holds the distribution."""
        return (0.5 * self.gap + REACH) * self.sd

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw ``(n, 1)`` samples, float32."""
        unit = LineMixture(1 - self.weight, 0.5 * self.gap).sample(n, generator)
        return (self.sd * unit)[:, None].float()

    def log_prob(self, x: Tensor) -> Tensor:
        """Compute log q for ``x: (B, 1)`` -> ``(B,)``, float64."""
        left = torch.tensor([1 - self.weight], dtype=torch.float64)
        return mixture.log_density(x[:, 0].double() / self.sd, left, 0.5 * self.gap)[0] - math.log(self.sd)


class TwoModesScore(NamedTuple):
    """Scores of a model, ``status`` ok or failed with a ``reason``.

    ``weight``: its mass on x > 0; ``kl``: KL(q || model) in nats; ``mismatch``: the largest |E_p T - E_q T| / sd_q T.
    """

    status: str
    reason: str
    weight: float = math.nan
    kl: float = math.nan
    mismatch: float = math.nan


def energy_model(model: Model) -> Tilted:
    """Return a trained model; raises TypeError unless it is an energy on a normalised base."""
    if not isinstance(model, Tilted):
        raise TypeError(f"a {type(model).__name__} has no energy on a normalised base")
    return model


def problem_of(truth: TwoModes, model: Model, train: Tensor) -> Problem:
    """Return a trained energy-based model as a problem to be normalised by cells."""
    return Problem(energy_model(model).eval().requires_grad_(False), train, truth.box)


def judged(truth: TwoModes, problem: Problem, statistic: Statistic) -> TwoModesScore:
    """Score a model against the truth, by the same cells of both."""
    way = Quadrature(GRID)
    log_z = way.normalise(problem, 1, torch.Generator().manual_seed(0)).log_z
    if log_z.status != "ok":
        return TwoModesScore(log_z.status, log_z.reason)
    cells = way.cells(problem)
    points = cells.points.double()
    log_p = (cells.log_masses - cells.log_masses.logsumexp(0)).double()
    log_q = truth.log_prob(points) + cells.widths.double().log()
    p, q = log_p.exp(), log_q.exp()
    values = statistic.value(points)
    mean = q @ values
    spread = (q @ (values - mean).square()).sqrt()
    mismatch = ((p @ values - mean) / spread).abs().max()
    return TwoModesScore("ok", "", float(p[points[:, 0] > 0].sum()), float(q @ (log_q - log_p)), float(mismatch))
