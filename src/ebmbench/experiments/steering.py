"""Methods that steer a model to other means of statistics, scored by the masses they give to the model's cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.inference.exponential_tilting import project
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.likelihoods.smc import SMC
from ebmbench.training.moment_distance import TargetMeans
from ebmbench.training.moment_matching.matched import Approximation
from ebmbench.training.moment_matching.persistent_chains import PersistentChains
from ebmbench.training.moment_solver import solve_moments, standardised

#: log Z estimators used if base samples have too small an effective sample size: a distribution in the plane needs few
#: levels
DRAWN = (SMC(temperatures=20, refresh=5),)

#: steps between the chain states that show whether the target means are within the sampled region
APART = 10

#: number of halvings of a bracket
HALVINGS = 45


class Asked(NamedTuple):
    """A model with one statistic, eta = 0, and its target mean.

    ``values: (n,)``, the standardised statistic in the cells of the model's distribution, ``log_p: (n,)``; ``target``:
    c, in the same units.
    """

    problem: Problem
    values: Tensor
    log_p: Tensor
    target: Tensor

    def tilted(self, eta: Tensor) -> Tensor:
        """Compute the cells' log-masses under p exp(eta T) / Z, for ``eta: (1,)``."""
        return (self.log_p + eta.double() * self.values).log_softmax(0)


class Reached(NamedTuple):
    """The cells' log-masses ``(n,)`` under the distribution reached, ``status`` ok or failed with a ``reason``."""

    log_masses: Tensor
    cost: Cost
    status: str = "ok"
    reason: str = ""


class SteeringMethod(Protocol):
    """A steering method; it raises :class:`InfeasibleError` if it finds that no tilt has the target mean."""

    def __call__(self, asked: Asked, generator: torch.Generator) -> Reached:
        """Return the distribution reached; ``asked.problem.model`` may be changed."""
        ...


@dataclass(frozen=True)
class Exact:
    """The tilt with the target mean, by Newton's method on the cells: the closest distribution to p in KL to p."""

    def __call__(self, asked: Asked, generator: torch.Generator) -> Reached:
        """Return the tilt; nothing is sampled."""
        tilt = project(asked.values[:, None], asked.log_p, asked.target)
        return Reached(tilt.log_weights, Cost(len(asked.values)))


@dataclass(frozen=True)
class Newton:
    """Tilt by sequential Monte Carlo, ``draws`` per round (:func:`ebmbench.training.moment_solver.solve_moments`)."""

    draws: int
    rounds: int = 10

    def __call__(self, asked: Asked, generator: torch.Generator) -> Reached:
        """Return the tilt; the status is failed if the rounds do not reach the mean."""
        problem = asked.problem
        found = solve_moments(problem, DRAWN, TargetMeans(asked.target), self.draws, self.rounds, generator)
        return Reached(asked.tilted(problem.model.eta), found.cost, found.status, found.reason)


@dataclass(frozen=True)
class Chained:
    """Stochastic approximation with ``chains`` persistent chains, as in the moment-matching method ``matched``.

    eta is the mean over the last half of ``steps`` steps. The chains' states in that half show whether the target mean
    is within the sampled region: the approximation itself would go on for ever.
    """

    chains: int
    steps: int

    def __call__(self, asked: Asked, generator: torch.Generator) -> Reached:
        """Return the tilt; the status is always ok, and the mean shows how close it comes."""
        model, rows = asked.problem.model, asked.problem.train
        state = Approximation(model.eta, PersistentChains(model, rows, self.chains, generator), 1, asked.target)
        cost, eta, seen = Cost(), torch.zeros_like(asked.target), []
        late = range(self.steps // 2, self.steps)
        for step in range(self.steps):
            cost = cost.plus(state.moved(model, rows, generator))
            if step in late:
                eta += model.eta.detach().double() / len(late)
            if step in late[::APART]:
                seen.append(standardised(model, state.persistent_chains.z))
        points = torch.cat(seen)
        project(points, points.new_zeros(len(points)), asked.target)
        return Reached(asked.tilted(eta), cost)


@dataclass(frozen=True)
class PenalisedTilt:
    """The distribution of least KL(q || p) + strength/2 ((E_q T - c) / sd_p T)^2: a soft constraint on the mean.

    It is the unique tilt with eta = strength (c - E_q T) / Var_p T: the dual of the tilt to c with a square of eta
    added to it (Dudik, Phillips and Schapire 2007). It is therefore also a closest distribution, but for a mean that
    falls short of c.
    """

    strength: float

    def __call__(self, asked: Asked, generator: torch.Generator) -> Reached:
        """Return the tilt; nothing is sampled."""
        p = asked.log_p.exp()
        now = float(p @ asked.values)
        pull = self.strength / float(p @ (asked.values - now).square())
        nearer, further = torch.zeros_like(asked.target), pull * (asked.target - now)
        for _ in range(HALVINGS):
            eta = 0.5 * (nearer + further)
            short = (pull * (asked.target - asked.tilted(eta).exp() @ asked.values) / eta) > 1
            nearer, further = (eta, further) if short else (nearer, eta)
        return Reached(asked.tilted(eta), Cost(len(asked.values)))
