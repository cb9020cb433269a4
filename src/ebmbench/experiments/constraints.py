"""Steering to means other than the data's: accuracy, cost in nats and side effects of each method."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import pandas as pd
import torch
from annotated_types import MinLen
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.core.ranges import AtLeastTwo, PositiveFloat, PositiveInt, check_ranges
from ebmbench.data.ring8_unequal import Ring8Unequal
from ebmbench.experiments.known_energy import KnownEnergy
from ebmbench.experiments.steering import Asked, Chained, Exact, Newton, PenalisedTilt, Reached, SteeringMethod
from ebmbench.inference.exponential_tilting import InfeasibleError, project
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.likelihoods.quadrature import Quadrature
from ebmbench.models.distributions.on_normal import OnNormal
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.statistics.exceedances import Exceedances
from ebmbench.models.statistics.fourier import Fourier
from ebmbench.models.statistics.interface import Definition, Statistic
from ebmbench.models.statistics.means import Means
from ebmbench.models.statistics.modes import Modes
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.models.statistics.second_moments import SecondMoments
from ebmbench.models.statistics.tails import Tails
from ebmbench.training.moment_solver import standardised

__all__ = ["Constraints"]

#: number of cells per side of the data's box
GRID = 180

#: number of points on the curves of least KL
PLACES = 16

#: target means of the violation, as fractions of that of the data; a mean of 0 is infeasible
EDGE = (0.5, 0.2, 0.1, 0.05, 0.02, 0.0)

#: numbers reported for a distribution that was reached
NUMBERS = ("mean", "kl", "held_out")

#: log-masses of empty cells, in nats: avoids 0 times minus infinity
LOWEST = -1e6

#: fraction of the data beyond the threshold that defines the violation
BEYOND = 0.2


class OneOf(torch.nn.Module, Statistic):
    """T(x) = T_k(x), one component of a vector of statistics."""

    def __init__(self, statistic: Statistic, place: int) -> None:
        super().__init__()
        self.statistic, self.place = statistic, place

    def size(self, dim: int) -> int:
        """Return 1."""
        return 1

    def names(self, dim: int) -> list[str]:
        """Return the name of the component."""
        return [self.statistic.names(dim)[self.place]]

    def value(self, x: Tensor) -> Tensor:
        """Compute the component, ``(B, D)`` -> ``(B, 1)``."""
        return self._chosen(self.statistic.value(x))

    def hard(self, x: Tensor) -> Tensor:
        """Compute the component's hard version, ``(B, D)`` -> ``(B, 1)``."""
        return self._chosen(self.statistic.hard(x))

    def _chosen(self, values: Tensor) -> Tensor:
        return values[:, self.place : self.place + 1]


@dataclass(frozen=True)
class Component(Definition):
    """The statistic at index ``place`` of a vector of statistics."""

    statistic: Definition
    place: int

    def fit(self, train: Tensor) -> OneOf:
        """Fit all components to the examples and select one."""
        return OneOf(self.statistic.fit(train), self.place)


#: scalar statistics whose means are shifted
STATISTICS: Mapping[str, Definition] = {
    "mean": Component(Means(), 0),
    "second moment": Component(SecondMoments(), 0),
    "upper tail": Component(Tails(), 1),
    "mode's weight": Component(Modes(count=8), 0),
}

#: distance by which x_0 exceeds the threshold
VIOLATION = Component(Exceedances(level=BEYOND), 1)


class SteeredDistribution(NamedTuple):
    """The distribution p to be steered, in cells, ``points: (n, 2)`` and ``log_p: (n,)``, and samples ``rows`` from it.

    ``held_out: (n, K)``: statistics that no method uses, in standard deviations from their means.
    """

    points: Tensor
    log_p: Tensor
    rows: Tensor
    held_out: Tensor


class SteeredStatistic(NamedTuple):
    """A statistic to be steered: the model that has it, its ``values: (n,)`` in the cells, mean and sd under p."""

    problem: Problem
    values: Tensor
    mean: float
    sd: float


@dataclass(frozen=True)
class Constraints:
    """Methods that give a distribution p the mean c = E_p T + ``shifts`` sd_p T of a statistic, and KL(q || p) paid.

    p is that of ``ring8_unequal``, as an energy that is known exactly, on a normal base. A shift of 0 is therefore the
    data's own mean, the least KL is exact, side effects are due to the method and not to a network, and no training run
    is needed. Methods: ``exact`` on cells; ``newton`` with ``draws`` samples per round; ``chains``, stochastic
    approximation with that number of chains for ``steps`` steps; ``penalty`` of each of ``strengths``, at its optimum.
    Those that sample are repeated ``repetitions`` times. All are scored on the cells.

    ``shifts``: a row per statistic, shift and method: the shift achieved in sd, KL paid, ``least`` KL for the achieved
    shift, and the root mean square change of Fourier statistics that were not steered, in sd (``held_out``). ``edge``:
    V is the smoothed, hence positive, distance by which x_0 exceeds a threshold that 20 % of the data exceed; targets
    are fractions of E_p V down to 0, which is infeasible for every distribution. In this table ``violation`` is the
    mass beyond the threshold, and ``least`` the least KL of any distribution with that mass. ``bounds``: least KL over
    shifts, and over violation. A row whose status is not ok has no numbers.
    """

    rows: AtLeastTwo = 4000
    shifts: Annotated[tuple[PositiveFloat, ...], MinLen(1)] = (0.25, 0.5, 1.0)
    strengths: Annotated[tuple[PositiveFloat, ...], MinLen(1)] = (1.0, 10.0)
    draws: AtLeastTwo = 2000
    chains: AtLeastTwo = 128
    steps: AtLeastTwo = 200
    repetitions: PositiveInt = 2

    def __post_init__(self) -> None:
        check_ranges(self)

    def run(self, generator: torch.Generator) -> dict[str, pd.DataFrame]:
        """Return the three tables by name."""
        ground = _ground(self.rows, generator)
        subjects = {name: _subject(ground, definition) for name, definition in STATISTICS.items()}
        shifts = [
            {"statistic": name, "asked": shift} | _shifted(ground, subject, row)
            for name, subject in subjects.items()
            for shift in self.shifts
            for row, _ in self._ways(ground, subject, subject.mean + shift * subject.sd, generator)
        ]
        places = torch.linspace(0, 1.05 * max(self.shifts), PLACES + 1)[1:].tolist()
        bounds = [
            {"bound": name, "at": shift, "kl": _least(ground, subject, subject.mean + shift * subject.sd)}
            for name, subject in subjects.items()
            for shift in places
        ]
        edge, curve = self._edge(ground, generator)
        curves = pd.concat([pd.DataFrame(bounds), curve], ignore_index=True)
        return {"shifts": pd.DataFrame(shifts), "edge": edge, "bounds": curves}

    def _edge(self, ground: SteeredDistribution, generator: torch.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the rows of the hard constraint, and the curve of its least KL."""
        subject = _subject(ground, VIOLATION)
        model = subject.problem.model
        zero = float(-model.centre / model.scale)
        beyond = (model.statistic.hard(ground.points)[:, 0] > 0).double()
        before = float(ground.log_p.exp() @ beyond)
        rows = []
        for share in EDGE:
            for row, distribution in self._ways(ground, subject, zero + share * (subject.mean - zero), generator):
                violation = float(distribution @ beyond) if row["status"] == "ok" else math.nan
                achieved = (row.pop("mean") - zero) / (subject.mean - zero)
                least = binary_kl(violation, before)
                rows.append({"asked": share, "achieved": achieved, "violation": violation, "least": least} | row)
        places = [before * 10 ** (-5 * place / PLACES) for place in range(1, PLACES + 1)]
        curve = [{"bound": "violation", "at": place, "kl": binary_kl(place, before)} for place in places]
        return pd.DataFrame(rows), pd.DataFrame(curve)

    def _ways(
        self, ground: SteeredDistribution, subject: SteeredStatistic, target: float, generator: torch.Generator
    ) -> Iterator[tuple[dict[str, Any], Tensor]]:
        """Yield the columns of every method and repetition, and the masses ``(n,)`` that it gives to the cells."""
        ways: list[tuple[str, SteeringMethod, int]] = [("exact", Exact(), 1)]
        ways += [(f"penalty {strength:g}", PenalisedTilt(strength), 1) for strength in self.strengths]
        ways.append(("newton", Newton(self.draws), self.repetitions))
        ways.append(("chains", Chained(self.chains, self.steps), self.repetitions))
        for name, way, repetitions in ways:
            for repetition in range(repetitions):
                reached = _reached(way, ground, subject, target, generator)
                distribution = reached.log_masses.exp()
                reported = (
                    _reported(ground, subject, distribution)
                    if reached.status == "ok"
                    else dict.fromkeys(NUMBERS, math.nan)
                )
                head = {"way": name, "repetition": repetition, "status": reached.status, "reason": reached.reason}
                yield head | reported | reached.cost._asdict(), distribution


def _ground(count: int, generator: torch.Generator) -> SteeredDistribution:
    distribution = Ring8Unequal()
    rows = distribution.sample(count, generator).double()
    cells = Quadrature(GRID).cells(_problem(rows, NoStatistic()))
    points, log_p = cells.points.double(), cells.log_masses.double().log_softmax(0)
    values, p = Fourier().fit(rows).value(points), log_p.exp()
    offsets = values - p @ values
    return SteeredDistribution(points, log_p, rows, offsets / (p @ offsets.square()).sqrt())


def _problem(rows: Tensor, definition: Definition) -> Problem:
    """Return the distribution as an energy on a normal base, in double precision, with a statistic."""
    distribution, base = Ring8Unequal(), OnNormal().measure(rows)
    model = Tilted(base, KnownEnergy(distribution.log_prob, base), definition, rows)
    return Problem(model.eval().requires_grad_(False), rows, distribution.box)


def _subject(ground: SteeredDistribution, definition: Definition) -> SteeredStatistic:
    problem, p = _problem(ground.rows, definition), ground.log_p.exp()
    values = standardised(problem.model, ground.points)[:, 0]
    mean = float(p @ values)
    return SteeredStatistic(problem, values, mean, float(p @ (values - mean).square()) ** 0.5)


def _asked(ground: SteeredDistribution, subject: SteeredStatistic, target: float) -> Asked:
    subject.problem.model.eta.zero_()
    return Asked(subject.problem, subject.values, ground.log_p, torch.tensor([target], dtype=torch.float64))


def _reached(
    way: SteeringMethod,
    ground: SteeredDistribution,
    subject: SteeredStatistic,
    target: float,
    generator: torch.Generator,
) -> Reached:
    try:
        return way(_asked(ground, subject, target), generator)
    except InfeasibleError as error:
        return Reached(ground.log_p, Cost(), "infeasible", str(error))


def _reported(ground: SteeredDistribution, subject: SteeredStatistic, distribution: Tensor) -> dict[str, float]:
    """Compute E_q T, KL(q || p) in nats and the RMS change of held-out statistics, for masses q: ``(n,)``."""
    kl = torch.xlogy(distribution, distribution).sum() - distribution @ ground.log_p.clamp(min=LOWEST)
    held_out = (distribution @ ground.held_out).square().mean().sqrt()
    return {"mean": float(distribution @ subject.values), "kl": float(kl), "held_out": float(held_out)}


def _shifted(ground: SteeredDistribution, subject: SteeredStatistic, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the table of shifts from the columns of a method."""
    mean = row.pop("mean")
    least = _least(ground, subject, mean) if row["status"] == "ok" else math.nan
    return {"achieved": (mean - subject.mean) / subject.sd, "least": least} | row


def _least(ground: SteeredDistribution, subject: SteeredStatistic, mean: float) -> float:
    """Return the least KL(q || p) in nats over distributions q with this mean; infinite if there is none."""
    try:
        return project(subject.values[:, None], ground.log_p, torch.tensor([mean], dtype=torch.float64)).gain
    except InfeasibleError:
        return math.inf


def binary_kl(new: float, old: float) -> float:
    """Compute v log v/u + (1 - v) log (1 - v)/(1 - u) in nats, with u = ``old`` and v = ``new``.

    This is the least KL of distributions that change the mass of a set from u to v.
    """
    first = new * math.log(new / old) if new > 0 else 0.0 * new
    return first + (1 - new) * math.log1p(-new) - (1 - new) * math.log1p(-old)
