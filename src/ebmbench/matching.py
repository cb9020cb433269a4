"""Natural parameters of a finished model at which it has the means of statistics that are asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.cost import Cost
from ebmbench.families.blocks import in_blocks
from ebmbench.families.generalized import Generalized
from ebmbench.likelihoods.base import Likelihood, Problem
from ebmbench.likelihoods.quadrature import Quadrature
from ebmbench.sampling import SampleSettings, normalise
from ebmbench.tilting import InfeasibleError, Settled, Tilt, project

#: share of the draws' worth that a step leaves: further steps start from new draws
LEAST_SHARE = 0.3

#: halvings of the way to the means asked for, after which they count as out of reach
HALVINGS = 8


class Law(NamedTuple):
    """A model's law on ``points: (n, D)``: ``log_weights: (n,)`` that add to 1, worth ``n_eff`` draws.

    ``exact``: the points are cells that cover the law, so that any tilt of it is a tilt of the weights.
    """

    points: Tensor
    log_weights: Tensor
    n_eff: float
    exact: bool
    cost: Cost


class Means(NamedTuple):
    """Means asked for, in the model's standardised statistics, ``value: (K,)``, and how many rows they come from."""

    value: Tensor
    rows: float


def law_of(problem: Problem, ways: Sequence[Likelihood], draws: int, generator: torch.Generator) -> Law:
    """The law of a model: in cells, by weighted draws of its base measure, or by draws that come with log Z.

    Cells where its likelihood is a quadrature; the base measure's draws where their weights leave .3 of their worth, as
    they do where it is tilted a little.
    Raises ``ValueError`` where its likelihood cannot be had.
    """
    way = next((way for way in ways if way.applies(problem)), None)
    if isinstance(way, Quadrature):
        cells = way.cells(problem)
        cost = Cost(len(cells.points))
        return Law(cells.points, cells.log_masses - cells.log_masses.logsumexp(0), math.inf, True, cost)
    law = _of_base(problem.model, draws, generator)
    if law.n_eff >= LEAST_SHARE * draws:
        return law
    found = normalise(problem, ways, SampleSettings(samples=draws, bounds=0), generator)
    if found.log_z.status != "ok":
        raise ValueError(f"no draws of the model: {found.log_z.reason}")
    n = len(found.samples)
    equal = torch.full((n,), -math.log(n), dtype=torch.float64, device=found.samples.device)
    return Law(found.samples, equal, found.n_eff, False, found.cost.plus(law.cost))


def _of_base(model: Generalized, draws: int, generator: torch.Generator) -> Law:
    points = model.base.sample(draws, generator)
    weights = in_blocks(model.log_weight, points).double()
    weights = weights - weights.logsumexp(0)
    return Law(points, weights, float(torch.exp(-(2 * weights).logsumexp(0))), False, Cost(draws))


def settle(
    problem: Problem, ways: Sequence[Likelihood], means: Means, draws: int, rounds: int, generator: torch.Generator
) -> Settled:
    """Move the natural parameters of ``problem.model`` until its means are those asked for.

    Each round takes the model's law and tilts it by Newton's method towards the means, as far as the draws keep .3 of
    their worth (Geyer and Thompson 1992); a round of draws that finds them there, as far as its own and the rows'
    sampling errors tell, is the last. Exact laws need one.
    """
    model, cost, gain = problem.model, Cost(), 0.0
    distance, bound, count = math.inf, 0.0, 0
    for _ in range(rounds):
        try:
            law = law_of(problem, ways, draws, generator)
        except ValueError as error:
            return Settled("failed", str(error), gain, distance, bound, count, cost)
        cost, count = cost.plus(law.cost), count + 1
        values = standardised(model, law.points)
        distance, bound = _distance(values, law, means)
        there = distance <= bound
        try:
            # means at the edge may be near enough to pass, but no tilt has them
            tilt = project(values, law.log_weights, means.value) if there else _step(values, law, means.value)
        except InfeasibleError as error:
            return Settled("failed", str(error), gain, distance, bound, count, cost)
        if there:
            return Settled("ok", "", gain, distance, bound, count, cost)
        with torch.no_grad():
            model.eta += tilt.eta.to(model.eta.dtype)
        gain += tilt.gain
        if law.exact:
            return Settled("ok", "", gain, 0.0, 0.0, count, cost)
    reason = f"after {count} rounds of draws the means are {distance:.3g} from those asked for, {bound:.3g} allowed"
    return Settled("failed", reason, gain, distance, bound, count, cost)


def settle_at_rows(
    problem: Problem, ways: Sequence[Likelihood], draws: int, rounds: int, generator: torch.Generator
) -> Settled:
    """:func:`settle` with the means of the rows that the model was trained on: 0 in its standardised statistics."""
    eta = problem.model.eta
    means = Means(torch.zeros(len(eta), dtype=torch.float64, device=eta.device), len(problem.train))
    return settle(problem, ways, means, draws, rounds, generator)


def standardised(model: Generalized, x: Tensor) -> Tensor:
    """(T(x) - m) / s, ``(B, D)`` -> ``(B, K)`` float64, with the model's own m and s."""
    return in_blocks(lambda rows: model.standardised(rows.double()), x).double()


def _step(values: Tensor, law: Law, target: Tensor) -> Tilt:
    """The tilt of the law's points to ``target``, or as far on the way as leaves them enough of their worth."""
    if law.exact:
        return project(values, law.log_weights, target)
    mean = law.log_weights.exp() @ values
    problem = None
    for halving in range(HALVINGS):
        try:
            tilt = project(values, law.log_weights, mean + 0.5**halving * (target - mean))
        except InfeasibleError as error:
            problem = error
            continue
        if tilt.n_eff >= LEAST_SHARE * len(values):
            return tilt
    raise problem or InfeasibleError("matching: the means asked for are too far from those of the model")


def _distance(values: Tensor, law: Law, means: Means) -> tuple[float, float]:
    """d' S^-1 d of the law's means from those asked for, and its 95 % bound under equality (chi-squared)."""
    from scipy.stats import chi2

    weights = law.log_weights.exp()
    d = weights @ values - means.value
    if law.exact:
        return float(d.abs().max()), 0.0
    centred = values - weights @ values
    covariance = centred.T @ (weights[:, None] * centred)
    found, rank = torch.linalg.pinv(covariance, rtol=1e-8, hermitian=True), torch.linalg.matrix_rank(covariance)
    return float(d @ found @ d), float(chi2.ppf(0.95, int(rank))) * (1 / law.n_eff + 1 / means.rows)
