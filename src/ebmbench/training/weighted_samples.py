"""A model's distribution on points with weights: cells, weighted base samples, or samples that come with log Z."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.inference.exponential_tilting import Measured
from ebmbench.inference.likelihoods.interface import Likelihood, Problem
from ebmbench.inference.likelihoods.quadrature import Quadrature
from ebmbench.inference.sampling import SampleSettings, normalise
from ebmbench.models.distributions.generalized import Generalized

#: smallest fraction of the effective sample size that one step may leave; the next step uses new samples
LEAST_SHARE = 0.3

#: factor by which the number of base samples grows if the requested number has too small an effective sample size
MORE = 10


class WeightedSamples(NamedTuple):
    """A model's distribution on ``points: (n, D)`` with normalised weights, ``log_weights: (n,)``, and ``n_eff``.

    The exponentials of ``log_weights`` sum to 1; ``n_eff`` is the effective sample size. ``log_z``: of the model, in
    nats; ``exact``: the points are cells that cover the distribution, so that any tilt of it is a tilt of the weights.
    """

    points: Tensor
    log_weights: Tensor
    n_eff: float
    exact: bool
    log_z: Measured
    cost: Cost


def weighted_samples(
    problem: Problem, ways: Sequence[Likelihood], draws: int, generator: torch.Generator
) -> WeightedSamples:
    """Represent a model's distribution by cells, by weighted base samples, or by samples that come with log Z.

    Cells, in double precision, if its likelihood is a quadrature. Base samples, up to ten times ``draws``, if their
    effective sample size is at least .3 ``draws``, as it is for a base measure that is tilted a little. Raises
    ``ValueError`` if the likelihood cannot be computed.
    """
    way = next((way for way in ways if way.applies(problem)), None)
    if isinstance(way, Quadrature):
        return _in_cells(problem, way)
    spent = Cost()
    for number in (draws, MORE * draws):
        distribution = _of_base(problem.model, number, generator)
        if distribution.n_eff >= LEAST_SHARE * draws:
            return distribution._replace(cost=distribution.cost.plus(spent))
        spent = spent.plus(distribution.cost)
    found = normalise(problem, ways, SampleSettings(samples=draws, bounds=0), generator)
    if found.log_z.status != "ok":
        raise ValueError(f"no samples from the model: {found.log_z.reason}")
    n = len(found.samples)
    equal = torch.full((n,), -math.log(n), dtype=torch.float64, device=found.samples.device)
    log_z = Measured(found.log_z.value, found.log_z.stderr)
    return WeightedSamples(found.samples, equal, found.n_eff, False, log_z, found.cost.plus(spent))


def _in_cells(problem: Problem, way: Quadrature) -> WeightedSamples:
    double = copy.deepcopy(problem.model).double()
    cells = way.cells(problem._replace(model=double, train=problem.train.double()))
    log_z = cells.log_masses.logsumexp(0)
    cost = Cost(len(cells.points))
    return WeightedSamples(cells.points, cells.log_masses - log_z, math.inf, True, Measured(float(log_z), 0.0), cost)


def _of_base(model: Generalized, draws: int, generator: torch.Generator) -> WeightedSamples:
    points, weights = model.weighted_samples(draws, generator)
    weights = weights.double()
    total = weights.logsumexp(0)
    n_eff = float(torch.exp(2 * total - (2 * weights).logsumexp(0)))
    log_z = Measured(float(total) - math.log(draws), math.sqrt(max(1 / n_eff - 1 / draws, 0.0)))
    return WeightedSamples(points, weights - total, n_eff, False, log_z, Cost(draws))
