"""Natural parameters of a finished model at which it has the means of statistics that are asked for."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.inference.exponential_tilting import CLOSE, InfeasibleError, Measured, Tilt, TiltResult, project
from ebmbench.inference.likelihoods.interface import Likelihood, Problem
from ebmbench.inference.likelihoods.quadrature import Quadrature
from ebmbench.inference.sampling import SampleSettings, normalise
from ebmbench.models.blocks import in_blocks
from ebmbench.models.distributions.generalized import Generalized

#: share of the draws' worth that a step leaves: further steps start from new draws
LEAST_SHARE = 0.3

#: times as many draws of the base measure are taken, where as many as asked for are not worth enough
MORE = 10

#: halvings of the way to the means asked for, after which they count as out of reach
HALVINGS = 8


#: independent draws that must be there for means to count as found
LEAST_WORTH = 300

#: share of a statistic's range within which a mean lies at its edge
EDGE = 1e-6

#: standard deviations that a normal error stays below in 19 of 20 cases
ONE_SIDED_95 = 1.645

#: how many roundings of the natural parameters, or searches' ends, the means of an exact law may be off
ROUNDING = 64


class Budget(Protocol):
    """Of an arm that settles: ``draws`` a round, ``rounds``, and ``slack``.

    ``slack``: how far from the rows' means those of the model may stay, in sampling errors of these, 0 or more: the
    radius is slack (sum of variances of T / rows)^1/2, which where T is standardised is slack (K / N)^1/2.
    """

    draws: int
    rounds: int
    slack: float


class WeightedSamples(NamedTuple):
    """A model's law on ``points: (n, D)``: ``log_weights: (n,)`` that add to 1, worth ``n_eff`` draws.

    ``log_z``: of the model, in nats; ``exact``: the points are cells that cover the law, so that any tilt of it is a
    tilt of the weights.
    """

    points: Tensor
    log_weights: Tensor
    n_eff: float
    exact: bool
    log_z: Measured
    cost: Cost


class TargetMeans(NamedTuple):
    """Means asked for, in the model's standardised statistics, ``value: (K,)``.

    ``radius``: how far from them, by the Euclidean norm, means may stay.
    """

    value: Tensor
    radius: float = 0.0


def weighted_samples(
    problem: Problem, ways: Sequence[Likelihood], draws: int, generator: torch.Generator
) -> WeightedSamples:
    """The law of a model: in cells, by weighted draws of its base measure, or by draws that come with log Z.

    Cells, in double precision, where its likelihood is a quadrature; the base measure's draws, up to ten times as many
    as ``draws``, where these are worth .3 ``draws``, as they are where it is tilted a little.
    Raises ``ValueError`` where its likelihood cannot be had.
    """
    way = next((way for way in ways if way.applies(problem)), None)
    if isinstance(way, Quadrature):
        return _in_cells(problem, way)
    spent = Cost()
    for number in (draws, MORE * draws):
        law = _of_base(problem.model, number, generator)
        if law.n_eff >= LEAST_SHARE * draws:
            return law._replace(cost=law.cost.plus(spent))
        spent = spent.plus(law.cost)
    found = normalise(problem, ways, SampleSettings(samples=draws, bounds=0), generator)
    if found.log_z.status != "ok":
        raise ValueError(f"no draws of the model: {found.log_z.reason}")
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


def solve_moments(
    problem: Problem,
    ways: Sequence[Likelihood],
    means: TargetMeans,
    draws: int,
    rounds: int,
    generator: torch.Generator,
) -> TiltResult:
    """Move the natural parameters of ``problem.model`` until its means are those asked for.

    Each round takes the model's law and tilts it by Newton's method towards the means, as far as the draws keep .3 of
    their worth (Geyer and Thompson 1992); a round that finds them there, or within the radius, as far as draws can
    tell, or rounding where the law is exact, is the last. The last of ``rounds`` only looks.
    """
    search = _Search(problem.model, means)
    for left in reversed(range(rounds)):
        try:
            law = weighted_samples(problem, ways, draws, generator)
        except ValueError as error:
            return search.ended("failed", str(error))
        arrived = search.arrived(law)
        try:
            if arrived:
                if means.radius == 0:
                    search.look_for_an_edge()
                return search.ended("ok", "")
            if left:
                search.step(law)
        except InfeasibleError as error:
            return search.ended("failed", str(error))
    reason = f"the means are {search.distance:.3g} from those asked for, {search.bound:.3g} allowed"
    if search.worth < LEAST_WORTH:
        reason = f"they are worth {search.worth:.3g} independent ones, {LEAST_WORTH} are needed"
    return search.ended("failed", f"after {search.rounds} rounds of draws {reason}")


class _Search:
    """Where a model is on its way to the means asked for, and what the way there has gained and cost."""

    def __init__(self, model: Generalized, means: TargetMeans) -> None:
        self.model, self.means = model, means
        self.start = model.eta.detach().clone()
        self.moved = torch.zeros_like(self.start, dtype=torch.float64)
        self.gain, self.log_z = Measured(0.0, 0.0), (Measured(math.nan, 0.0), Measured(math.nan, 0.0))
        self.distance, self.bound, self.worth, self.rounds, self.cost = math.nan, 0.0, 0.0, 0, Cost()

    def arrived(self, law: WeightedSamples) -> bool:
        """Whether the model's law, ``law``, has the means."""
        self.cost = self.cost.plus(law.cost)
        self.log_z = (self.log_z[0] if self.rounds else law.log_z, law.log_z)
        self.rounds += 1
        self.values = standardised(self.model, law.points)
        self.gain = self.gain.plus(_gain(self.values - self.means.value, law, self.moved))
        self.distance, self.bound = _distance(self.values, law, self.means)
        if law.exact:
            eta = self.model.eta.detach()
            self.bound = ROUNDING * max(CLOSE, torch.finfo(eta.dtype).eps * max(1.0, float(eta.abs().max())))
        self.worth = law.n_eff
        return self.distance <= self.bound and law.n_eff >= LEAST_WORTH

    def look_for_an_edge(self) -> None:
        """Raises :class:`InfeasibleError` where a statistic is nowhere beyond the mean asked for, or nowhere below it.

        Draws may come near enough to such means to pass for having them, but no tilt does. So it is where a tilt has
        left draws no other value.
        """
        least, most = self.values.amin(0), self.values.amax(0)
        near = EDGE * (most - least)
        outside = (least >= self.means.value - near) | (most <= self.means.value + near)
        if bool((outside & ((least < most) | (self.model.eta.detach() != 0))).any()):
            raise InfeasibleError(
                "matching: the means asked for are at the edge of what the points can have, or beyond"
            )

    def step(self, law: WeightedSamples) -> None:
        """Tilt the model towards the means, as far as leaves it normalisable."""
        self.moved = self._held_back(_step(self.values, law, self.means).eta)

    @torch.no_grad()
    def _held_back(self, step: Tensor) -> Tensor:
        """Move eta by ``step: (K,)``, or by the first of its halves that leaves the model normalisable; what it was.

        As eta has it: it may be in single precision.
        """
        start = self.model.eta.clone()
        for halving in range(HALVINGS):
            self.model.eta.copy_(start + (0.5**halving * step).to(start.dtype))
            if self.model.normalisable():
                return self.model.eta.double() - start.double()
        self.model.eta.copy_(start)
        raise InfeasibleError("matching: no tilt towards the means asked for leaves the model a finite mass")

    def ended(self, status: str, reason: str) -> TiltResult:
        """What is told of it."""
        eta = (self.model.eta.detach() - self.start).double()
        first, last = self.log_z
        gained = float(eta @ self.means.value) - (last.value - first.value)
        error = math.hypot(first.stderr, last.stderr) if self.rounds > 1 else 0.0
        sides = self.gain, Measured(gained, error)
        return TiltResult(status, reason, *sides, self.distance, self.bound, self.rounds, self.cost)


def solve_moments_of_rows(
    problem: Problem, ways: Sequence[Likelihood], budget: Budget, generator: torch.Generator
) -> TiltResult:
    """:func:`settle` with the means of the rows that the model was trained on.

    Those are 0 in its standardised statistics, but for rounding, which the gain would notice.
    """
    values = standardised(problem.model, problem.train)
    error = math.sqrt(float(values.var(0).sum()) / len(values))
    means = TargetMeans(values.mean(0), budget.slack * error)
    return solve_moments(problem, ways, means, budget.draws, budget.rounds, generator)


def standardised(model: Generalized, x: Tensor) -> Tensor:
    """(T(x) - m) / s, ``(B, D)`` -> ``(B, K)`` float64, with the model's own m and s."""
    return in_blocks(lambda rows: model.standardised(rows.double()), x).double()


def _step(values: Tensor, law: WeightedSamples, means: TargetMeans) -> Tilt:
    """The tilt of the law's points to the means, or as far on the way as leaves them enough of their worth."""
    if law.exact:
        return project(values, law.log_weights, means.value, means.radius)
    mean = law.log_weights.exp() @ values
    worth = float(torch.exp(-(2 * law.log_weights).logsumexp(0)))
    problem = None
    for halving in range(HALVINGS):
        share = 0.5**halving
        try:
            tilt = project(values, law.log_weights, mean + share * (means.value - mean), share * means.radius)
        except InfeasibleError as error:
            problem = error
            continue
        if tilt.n_eff >= LEAST_SHARE * worth:
            return tilt
    raise problem or InfeasibleError("matching: the means asked for are too far from those of the model")


def _gain(offsets: Tensor, law: WeightedSamples, moved: Tensor) -> Measured:
    """-log E_p exp <moved, T - c> of the law p that a tilt by ``moved: (K,)`` has made ``law`` of, by the latter.

    ``offsets: (n, K)``, T - c at its points. It is log E exp -<moved, T - c> after the tilt, whose draws have not
    chosen the tilt: those from which that was found promise more than it gives.
    """
    tilts = -(offsets @ moved)
    log_mean = (law.log_weights + tilts).logsumexp(0)
    if law.exact:
        return Measured(float(log_mean), 0.0)
    squares = (2 * law.log_weights).exp()
    spread = squares @ ((tilts - log_mean).exp() - 1).square()
    return Measured(float(log_mean), math.sqrt(float(spread / squares.sum()) / law.n_eff))


def _distance(values: Tensor, law: WeightedSamples, means: TargetMeans) -> tuple[float, float]:
    """How far the law's means are from those asked for, and the 95 % bound of that where they are as asked.

    d' S^-1 d and its bound under equality (chi-squared), where both these draws and those that the last step was found
    by have an error; within a radius |d|^2 less its expected sampling error, and the square of the radius with its
    error. Of an exact law the largest difference, or what |d| is beyond the radius, and no bound.
    """
    weights = law.log_weights.exp()
    d = weights @ values - means.value
    if law.exact:
        return float(d.abs().max() if means.radius == 0 else (d.norm() - means.radius).clamp(min=0)), 0.0
    centred = values - weights @ values
    covariance = centred.T @ (weights[:, None] * centred)
    return _within(d, covariance, law.n_eff, means.radius) if means.radius else _equal(d, covariance, law.n_eff)


def _equal(d: Tensor, covariance: Tensor, n_eff: float) -> tuple[float, float]:
    from scipy.stats import chi2

    found, rank = torch.linalg.pinv(covariance, rtol=1e-8, hermitian=True), torch.linalg.matrix_rank(covariance)
    return float(d @ found @ d), float(chi2.ppf(0.95, int(rank))) * 2 / n_eff


def _within(d: Tensor, covariance: Tensor, n_eff: float, radius: float) -> tuple[float, float]:
    distance = float(d.square().sum() - covariance.trace() / n_eff)
    error = math.sqrt(4 * float(d @ covariance @ d) / n_eff + 2 * float(covariance.square().sum()) / n_eff**2)
    return distance, radius**2 + ONE_SIDED_95 * error
