"""Solver for the natural parameters at which a finished model has prescribed means of statistics."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.inference.exponential_tilting import CLOSE, InfeasibleError, Measured, Tilt, TiltResult, project
from ebmbench.inference.likelihoods.interface import Likelihood, Problem
from ebmbench.models.blocks import in_blocks
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.training.moment_distance import TargetMeans, distance
from ebmbench.training.weighted_samples import LEAST_SHARE, WeightedSamples, weighted_samples

#: number of halvings of the distance to the target means, after which they count as infeasible
HALVINGS = 8

#: smallest effective sample size at which the means may count as found
LEAST_WORTH = 300

#: fraction of a statistic's range within which a mean counts as lying at its edge
EDGE = 1e-6

#: error allowed in exact means, in multiples of the parameters' rounding error or the search's tolerance
ROUNDING = 64


class Budget(Protocol):
    """Settings of a moment-matching method that solves for eta: ``draws`` per round, ``rounds`` and ``slack``.

    ``slack``: how far the model's means may stay from the training means, in sampling errors of the latter, 0 or more.
    The radius is slack (sum of variances of T / rows)^1/2, which is slack (K / N)^1/2 for standardised T.
    """

    @property
    def draws(self) -> int:
        """Samples per round."""
        ...

    @property
    def rounds(self) -> int:
        """Most rounds, of which the last one only checks."""
        ...

    @property
    def slack(self) -> float:
        """Distance to the training means, in their sampling errors."""
        ...


def solve_moments(
    problem: Problem,
    ways: Sequence[Likelihood],
    means: TargetMeans,
    draws: int,
    rounds: int,
    generator: torch.Generator,
) -> TiltResult:
    """Move the natural parameters of ``problem.model`` until it has the target means.

    Each round samples the model's distribution and tilts it towards the means by Newton's method, as far as the samples
    keep .3 of their effective size (Geyer and Thompson 1992). The search ends with the round that finds the means at
    the target, or within the radius, up to sampling error, or up to rounding if the distribution is exact. The last of
    ``rounds`` only checks.
    """
    search = _Search(problem.model, means)
    for left in reversed(range(rounds)):
        try:
            distribution = weighted_samples(problem, ways, draws, generator)
        except ValueError as error:
            return search.ended("failed", str(error))
        arrived = search.arrived(distribution)
        try:
            if arrived:
                if means.radius == 0:
                    search.look_for_an_edge()
                return search.ended("ok", "")
            if left:
                search.step(distribution)
        except InfeasibleError as error:
            return search.ended("failed", str(error))
    reason = f"the means are {search.distance:.3g} from those asked for, {search.bound:.3g} allowed"
    if search.worth < LEAST_WORTH:
        reason = f"they are worth {search.worth:.3g} independent ones, {LEAST_WORTH} are needed"
    return search.ended("failed", f"after {search.rounds} rounds of draws {reason}")


class _Search:
    """State of a search for target means: the model, the gain so far and the cost."""

    def __init__(self, model: Generalized, means: TargetMeans) -> None:
        self.model, self.means = model, means
        self.start = model.eta.detach().clone()
        self.moved = torch.zeros_like(self.start, dtype=torch.float64)
        self.gain, self.log_z = Measured(0.0, 0.0), (Measured(math.nan, 0.0), Measured(math.nan, 0.0))
        self.distance, self.bound, self.worth, self.rounds, self.cost = math.nan, 0.0, 0.0, 0, Cost()

    def arrived(self, distribution: WeightedSamples) -> bool:
        """Return whether the model, with distribution ``distribution``, has the target means."""
        self.cost = self.cost.plus(distribution.cost)
        self.log_z = (self.log_z[0] if self.rounds else distribution.log_z, distribution.log_z)
        self.rounds += 1
        self.values = standardised(self.model, distribution.points)
        self.gain = self.gain.plus(_gain(self.values - self.means.value, distribution, self.moved))
        self.distance, self.bound = distance(self.values, distribution, self.means)
        if distribution.exact:
            eta = self.model.eta.detach()
            self.bound = ROUNDING * max(CLOSE, torch.finfo(eta.dtype).eps * max(1.0, float(eta.abs().max())))
        self.worth = distribution.n_eff
        return self.distance <= self.bound and distribution.n_eff >= LEAST_WORTH

    def look_for_an_edge(self) -> None:
        """Raise :class:`InfeasibleError` if all values of a statistic lie on one side of its target mean.

        Samples may come close enough to such means to pass the test, but no tilt has them. The same holds if a tilt has
        left the samples a single value.
        """
        least, most = self.values.amin(0), self.values.amax(0)
        near = EDGE * (most - least)
        outside = (least >= self.means.value - near) | (most <= self.means.value + near)
        if bool((outside & ((least < most) | (self.model.eta.detach() != 0))).any()):
            raise InfeasibleError(
                "matching: the means asked for are at the edge of what the points can have, or beyond"
            )

    def step(self, distribution: WeightedSamples) -> None:
        """Tilt the model towards the target means, as far as it stays normalisable."""
        self.moved = self._held_back(_step(self.values, distribution, self.means).eta)

    @torch.no_grad()
    def _held_back(self, step: Tensor) -> Tensor:
        """Add ``step: (K,)`` to eta, halved until the model is normalisable, and return the change.

        The change is that of eta in its own precision, which may be single.
        """
        start = self.model.eta.clone()
        for halving in range(HALVINGS):
            self.model.eta.copy_(start + (0.5**halving * step).to(start.dtype))
            if self.model.normalisable():
                return self.model.eta.double() - start.double()
        self.model.eta.copy_(start)
        raise InfeasibleError("matching: no tilt towards the means asked for leaves the model a finite mass")

    def ended(self, status: str, reason: str) -> TiltResult:
        """Return the result of the search."""
        eta = (self.model.eta.detach() - self.start).double()
        first, last = self.log_z
        gained = float(eta @ self.means.value) - (last.value - first.value)
        error = math.hypot(first.stderr, last.stderr) if self.rounds > 1 else 0.0
        sides = self.gain, Measured(gained, error)
        return TiltResult(status, reason, *sides, self.distance, self.bound, self.rounds, self.cost)


def solve_moments_of_rows(
    problem: Problem, ways: Sequence[Likelihood], budget: Budget, generator: torch.Generator
) -> TiltResult:
    """Apply :func:`solve_moments` with the means of the examples that the model was trained on.

    These are 0 in its standardised statistics up to rounding, which would affect the gain.
    """
    values = standardised(problem.model, problem.train)
    error = math.sqrt(float(values.var(0).sum()) / len(values))
    means = TargetMeans(values.mean(0), budget.slack * error)
    return solve_moments(problem, ways, means, budget.draws, budget.rounds, generator)


def standardised(model: Generalized, x: Tensor) -> Tensor:
    """Compute (T(x) - m) / s, ``(B, D)`` -> ``(B, K)`` float64, with the model's own m and s."""
    return in_blocks(lambda rows: model.standardised(rows.double()), x).double()


def _step(values: Tensor, distribution: WeightedSamples, means: TargetMeans) -> Tilt:
    """Return the tilt of the points to the means, or as far towards them as keeps enough effective sample size."""
    if distribution.exact:
        return project(values, distribution.log_weights, means.value, means.radius)
    mean = distribution.log_weights.exp() @ values
    worth = float(torch.exp(-(2 * distribution.log_weights).logsumexp(0)))
    problem = None
    for halving in range(HALVINGS):
        share = 0.5**halving
        try:
            tilt = project(values, distribution.log_weights, mean + share * (means.value - mean), share * means.radius)
        except InfeasibleError as error:
            problem = error
            continue
        if tilt.n_eff >= LEAST_SHARE * worth:
            return tilt
    raise problem or InfeasibleError("matching: the means asked for are too far from those of the model")


def _gain(offsets: Tensor, distribution: WeightedSamples, moved: Tensor) -> Measured:
    """Estimate -log E_p exp <moved, T - c> from ``distribution``, which is p after a tilt by ``moved: (K,)``.

    ``offsets: (n, K)``, T - c at its points. It equals log E exp -<moved, T - c> after the tilt, whose samples did not
    determine the tilt: the samples that did would overestimate the gain.
    """
    tilts = -(offsets @ moved)
    log_mean = (distribution.log_weights + tilts).logsumexp(0)
    if distribution.exact:
        return Measured(float(log_mean), 0.0)
    squares = (2 * distribution.log_weights).exp()
    spread = squares @ ((tilts - log_mean).exp() - 1).square()
    return Measured(float(log_mean), math.sqrt(float(spread / squares.sum()) / distribution.n_eff))
