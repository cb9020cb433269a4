"""Sample quality against cost for samplers of one trained model, over inverse temperatures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import pandas as pd
import torch
from annotated_types import Ge, Le
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.core.ranges import AtLeastTwo, PositiveFloat, PositiveInt, check_ranges
from ebmbench.evaluation.metrics.two_sample import bandwidth, mmd
from ebmbench.experiments.generation import MAKERS, Effort, Generated, base_alone
from ebmbench.experiments.interface import Tables, Trained
from ebmbench.experiments.tempered import exact, tempered
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.distributions.generalized import Generalized

__all__ = ["LatentSamplers"]

#: inverse temperatures: 1 is the model, 0 would be its base measure
BETAS = (0.1, 1.0, 10.0, 100.0, 1000.0)

#: ratio of a budget to the next smaller one
RATIO = 4

#: the entries without a budget: exact samples of pi_beta, and samples of the base measure
EXACT, BASE = "exact", "base"

COLUMNS = (
    *("beta", "sampler", "kind", "budget", "evaluations", "energy_evaluations", "gradient_evaluations", "draws"),
    *("distance_to_model", "model_stderr", "distance_to_data", "data_stderr", "repetitions"),
    *("step_size", "acceptance", "rhat", "ess", "mark", "status", "reason"),
)


class LatentRows(NamedTuple):
    """Reference samples, one set per repetition: exact samples of pi_beta, if available, and test examples."""

    exact: Sequence[Tensor]
    test: Sequence[Tensor]
    width: float


@dataclass(frozen=True)
class LatentSamplers:
    """Distance of samplers' output to pi_beta, proportional to b exp(beta w), and to the test examples.

    The model is that of ``run``, a base b tilted by exp(w), at beta of .1, 1, 10, 100 and 1000; if a generator makes b,
    samplers run on its latents (Arbel, Zhou and Gretton 2021). Distance: maximum mean discrepancy with a Gaussian
    kernel whose bandwidth is ``width`` times the median distance between test examples. Each of ``repetitions`` has
    ``chains`` chains that start at samples from b and whose last states are compared; repetitions share a step size.
    ``evaluations``: the largest of ``budgets`` budgets per chain, each a quarter of the next, where the energy and its
    gradient count alike and half is the warm-up.

    ``samples``: a row per (beta, sampler, budget), including ``exact`` samples of pi_beta, whose distance to the model
    is that between two sets of them, and the ``base`` alone; evaluations are those of one repetition. ``floor``: the
    distance of validation examples to test examples. Errors are standard errors of means over repetitions.
    """

    run: str = ""
    chains: AtLeastTwo = 500
    repetitions: AtLeastTwo = 4
    evaluations: PositiveInt = 400
    budgets: Annotated[int, Ge(1), Le(16)] = 3
    width: PositiveFloat = 0.1

    def __post_init__(self) -> None:
        check_ranges(self)
        least = RATIO**self.budgets
        if self.evaluations < least:
            raise ValueError(f"evaluations = {self.evaluations}; allowed: {RATIO}^budgets = {least} or more")

    def study(self, trained: Trained, generator: torch.Generator) -> Tables:
        """Return the two tables by name; raises :class:`UserError` for a model without an energy on a base measure."""
        if not isinstance(trained.model, Generalized):
            raise UserError(f"experiment latent_samplers: run = {self.run!r} has no energy on a base measure")
        val, test = (self._sets(rows, generator) for rows in (trained.rows.val, trained.rows.test))
        width = self.width * bandwidth(trained.rows.test)
        rows = []
        for beta in BETAS:
            problem = tempered(trained.model, beta, trained.rows.train)
            rows += [{"beta": beta} | row for row in self._at(problem, LatentRows([], test, width), generator)]
        floor = dict(zip(("distance_to_data", "data_stderr"), _distance(val, test, width), strict=True))
        return {"samples": pd.DataFrame(rows, columns=list(COLUMNS)), "floor": pd.DataFrame([floor])}

    def _at(self, problem: Problem, rows: LatentRows, generator: torch.Generator) -> list[dict[str, Any]]:
        """Return the rows of one inverse temperature, without its column."""
        largest = self._effort(self.evaluations)
        known, others = _exact(problem, largest, generator)
        found = [(EXACT, 0, known), (BASE, 0, base_alone(problem, largest, generator))]
        for level in reversed(range(self.budgets)):
            effort = self._effort(self.evaluations // RATIO**level)
            found += [(name, effort.evaluations, make(problem, effort, generator)) for name, make in MAKERS.items()]
        reported = {"draws": self.chains, "repetitions": self.repetitions}
        return [
            {"sampler": name, "budget": budget}
            | reported
            | _distances(made, rows._replace(exact=others))
            | _facts(made, self.repetitions)
            for name, budget, made in found
        ]

    def _effort(self, evaluations: int) -> Effort:
        return Effort(self.chains, self.repetitions, evaluations)

    def _sets(self, rows: Tensor, generator: torch.Generator) -> list[Tensor]:
        """Choose a random subset of ``rows: (N, D)`` per repetition, as large as the number of chains, or all."""
        chosen = (torch.randperm(len(rows), generator=generator)[: self.chains] for _ in range(self.repetitions))
        return [rows[places] for places in chosen]


def _exact(problem: Problem, effort: Effort, generator: torch.Generator) -> tuple[Generated, Sequence[Tensor]]:
    """Draw exact samples as a row of their own, and a reference set per repetition; no sets if sampling fails."""
    found = exact(problem, 2 * effort.total, generator)
    if found.log_z.status != "ok":
        return Generated(found.samples, EXACT, status="failed", reason=found.log_z.reason), []
    own, others = found.samples.unflatten(0, (2, effort.repetitions, effort.chains))
    return Generated(own, EXACT), list(others)


def _distances(made: Generated, rows: LatentRows) -> dict[str, float]:
    """Compute the distances of a row's samples, if there are any, to both reference sets."""
    nothing, usable = (math.nan, math.nan), made.status == "ok"
    to_model = _distance(made.samples, rows.exact, rows.width) if usable and rows.exact else nothing
    to_data = _distance(made.samples, rows.test, rows.width) if usable else nothing
    names = ("distance_to_model", "model_stderr", "distance_to_data", "data_stderr")
    return dict(zip(names, (*to_model, *to_data), strict=True))


def _distance(x: Sequence[Tensor] | Tensor, y: Sequence[Tensor], width: float) -> tuple[float, float]:
    """Compute the mean distance over pairs of sets, and its standard error."""
    found = torch.tensor([mmd(a, b, width) for a, b in zip(x, y, strict=True)], dtype=torch.float64)
    return float(found.mean()), float(found.std()) / math.sqrt(len(found))


def _facts(made: Generated, repetitions: int) -> dict[str, Any]:
    """Return how the samples were made; costs and effective sample sizes are those of one repetition."""
    cost = {name: value // repetitions for name, value in made.cost._asdict().items()}
    reported = made._asdict() | {"ess": made.ess / repetitions}
    del reported["samples"], reported["cost"]
    return reported | cost | {"evaluations": sum(cost.values())}
