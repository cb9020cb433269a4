"""Estimated weights of two modes against the gap between them, by loss and moment-matching method."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, NamedTuple

import pandas as pd
import torch
from annotated_types import MinLen
from torch import Tensor

from ebmbench.core.errors import allowed_names
from ebmbench.core.ranges import AtLeastTwo, PositiveFloat, PositiveInt, check_ranges
from ebmbench.core.seeds import generator as stream_of
from ebmbench.data.interface import Splits
from ebmbench.experiments.trials import Trial, run
from ebmbench.experiments.two_modes import GRID, TwoModes, TwoModesScore, energy_model, judged, problem_of
from ebmbench.inference.likelihoods.quadrature import Quadrature
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.families.ebm import EBM
from ebmbench.models.families.expfam import ExponentialFamily
from ebmbench.models.interface import Family, TrainingData
from ebmbench.models.statistics.interface import Definition, Statistic
from ebmbench.models.statistics.modes import Modes
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.models.statistics.sets import load_set
from ebmbench.planning.statistic_sets import STANDARD
from ebmbench.training.job import TrainingOutcome
from ebmbench.training.loop import match_moments
from ebmbench.training.losses.dsm import DenoisingScoreMatching
from ebmbench.training.losses.ed import EnergyDiscrepancy
from ebmbench.training.losses.interface import Loss
from ebmbench.training.losses.kale_f import KALEFenchel
from ebmbench.training.losses.ml import MaximumLikelihood
from ebmbench.training.losses.nce import NoiseContrastiveEstimation
from ebmbench.training.losses.pcd import PersistentContrastiveDivergence
from ebmbench.training.losses.sm import ScoreMatching
from ebmbench.training.losses.ssm import SlicedScoreMatching
from ebmbench.training.moment_matching.interface import MatchingMethod
from ebmbench.training.moment_matching.joint import Joint
from ebmbench.training.moment_matching.matched import Matched
from ebmbench.training.moment_matching.none import NoMatching
from ebmbench.training.moment_matching.penalty import Penalty
from ebmbench.training.moment_matching.posthoc import PostHoc
from ebmbench.training.moment_solver import solve_moments_of_rows
from ebmbench.training.settings import TrainSettings

__all__ = ["ModeWeights"]

#: statistics that distinguish the modes, and statistics that see them only through mean and spread
SETS: Mapping[str, Definition] = {"modes": Modes(count=2), "s1": load_set(STANDARD["s1"])}

#: losses at their defaults, except persistent chains: in a short run each of 10,000 would move only a few times
LOSSES: Mapping[str, Loss] = {
    "ml": MaximumLikelihood(),
    "pcd": PersistentContrastiveDivergence(buffer=256, step=0.05),
    "sm": ScoreMatching(),
    "ssm": SlicedScoreMatching(),
    "dsm": DenoisingScoreMatching(),
    "ed": EnergyDiscrepancy(),
    "nce": NoiseContrastiveEstimation(),
    "kale_f": KALEFenchel(),
}

#: number of validation examples: training evaluates them once, and no result depends on them
VALIDATION = 10

COLUMNS = (
    *("gap", "loss", "arm", "set", "seed", "status", "reason", "weight", "kl", "mismatch"),
    *("steps", "energy_evaluations", "gradient_evaluations"),
)

#: columns that identify a row of the summary
GROUP = ["gap", "loss", "arm", "set"]


class WeightEstimator(NamedTuple):
    """A family, the statistics of its models, and the method that finds their natural parameters."""

    family: Family
    statistics: Definition
    arm: MatchingMethod


@dataclass(frozen=True)
class FittedStatistics(Definition):
    """Statistics that are already fitted to the data."""

    statistic: Statistic

    def fit(self, train: Tensor) -> Statistic:
        """Return a copy, because a model in single precision casts its own statistics."""
        return copy.deepcopy(self.statistic)


class TwoModesSetting(NamedTuple):
    """One data set and seed: distribution, data, sets of statistics, and the root seed of all random streams."""

    truth: TwoModes
    seed: int
    root: int
    data: TrainingData
    sets: Mapping[str, FittedStatistics]

    def stream(self, name: str) -> torch.Generator:
        """Return a random stream that is the same for every loss and method of the seed."""
        return stream_of("mode_weights", name, self.root, self.seed)

    @property
    def rows(self) -> Tensor:
        """Training examples, ``(N, 1)``."""
        return self.data.splits.train


@dataclass(frozen=True)
class ModeWeights:
    """Estimated mass of the right one of two modes, whose true mass is .2, over the gap between them.

    Data: .8 N(-a, s^2) + .2 N(a, s^2), s = .5, ``gaps`` 2 a / s, ``rows`` samples per seed. Each of ``losses``
    (:data:`LOSSES`) trains a network of two layers of ``width`` units on a normal base for ``steps`` steps: alone
    (``none``), and with a soft indicator of the modes (``modes``, two cells) by every moment-matching method at its
    defaults. ``expfam`` fits that statistic by the loss on the base alone; ``posthoc`` tilts the finished ``none``,
    once with ``modes`` and once with first and second moments (``s1``). In one dimension ``ssm`` equals ``sm``.

    ``runs``: a row per gap, loss, method, set and seed: the weight, KL(data || model) in nats and the mismatch in
    standard deviations of the statistics, by sums over cells; a run that does not end well has its status and no
    numbers. ``summary``: mean and standard error over the n of ``seeds`` that ended well.
    """

    gaps: Annotated[tuple[PositiveFloat, ...], MinLen(1)] = (4.0, 6.0, 8.0, 10.0, 12.0)
    losses: Annotated[tuple[str, ...], MinLen(1)] = ("ml", "pcd", "sm", "ssm", "dsm", "ed", "nce", "kale_f")
    rows: AtLeastTwo = 4000
    seeds: PositiveInt = 3
    steps: PositiveInt = 300
    width: PositiveInt = 32
    learning_rate: PositiveFloat = 0.005

    def __post_init__(self) -> None:
        check_ranges(self)
        for name in self.losses:
            if name not in LOSSES:
                raise ValueError(f"losses: {name!r} is unknown; {allowed_names(name, LOSSES)}")

    def run(self, generator: torch.Generator) -> dict[str, pd.DataFrame]:
        """Return the two tables by name."""
        root = int(torch.randint(2**62, (), generator=generator))
        places = [self._place(gap, seed, root) for gap in self.gaps for seed in range(self.seeds)]
        runs = pd.DataFrame(
            [row for place in places for loss in self.losses for row in self._rows(place, loss)], columns=list(COLUMNS)
        )
        return {"runs": runs, "summary": summary(runs)}

    def _place(self, gap: float, seed: int, root: int) -> TwoModesSetting:
        truth = TwoModes(gap)
        stream = stream_of("mode_weights", "rows", root, seed)
        train, val, test = (truth.sample(n, stream) for n in (self.rows, VALIDATION, 1))
        sets = {name: FittedStatistics(definition.fit(train)) for name, definition in SETS.items()}
        return TwoModesSetting(truth, seed, root, TrainingData(None, Splits(train, val, test, 0.0)), sets)

    def _rows(self, place: TwoModesSetting, loss: str) -> list[dict[str, Any]]:
        """Return the rows of all methods for one loss."""
        outcomes = {name: self._trained(place, loss, way) for name, way in self._ways(place.sets["modes"]).items()}
        found = [_row(place, loss, name, "modes", outcome) for name, outcome in outcomes.items()]
        tilts = [(name, _tilted(place, outcomes["none"], known)) for name, known in place.sets.items()]
        return found + [_row(place, loss, "posthoc", name, outcome) for name, outcome in tilts]

    def _ways(self, modes: Definition) -> dict[str, WeightEstimator]:
        network = EBM(width=self.width, depth=2)
        arms: dict[str, MatchingMethod] = {"joint": Joint(), "matched": Matched(), "penalty": Penalty()}
        found = {"none": WeightEstimator(network, NoStatistic(), NoMatching())}
        found |= {name: WeightEstimator(network, modes, arm) for name, arm in arms.items()}
        return found | {"expfam": WeightEstimator(ExponentialFamily(), modes, Joint())}

    def _trained(self, place: TwoModesSetting, loss: str, way: WeightEstimator) -> TrainingOutcome:
        settings = TrainSettings(steps=self.steps, learning_rate=self.learning_rate, checkpoints=1)
        trial = Trial(str(place.root), place.seed, way.family, LOSSES[loss], way.statistics, way.arm, settings)
        outcome = run(trial, place.data.splits)
        if outcome.status != "ok":
            return outcome
        problem = problem_of(place.truth, outcome.model, place.rows)
        return match_moments(outcome, way.arm, problem, place.stream("settled"))


def _tilted(place: TwoModesSetting, alone: TrainingOutcome, statistics: Definition) -> TrainingOutcome:
    """Tilt the finished model without statistics to the training means as in ``posthoc``, with the cost of both."""
    if alone.status != "ok":
        return alone
    trained = energy_model(alone.model)
    model = Tilted(trained.base, trained.network, statistics, place.rows)
    problem = problem_of(place.truth, model, place.rows)
    solved = solve_moments_of_rows(problem, [Quadrature(GRID)], PostHoc(), place.stream("tilt"))
    costs = replace(alone.costs)
    costs.spend(solved.cost)
    return replace(alone, model=model, status=solved.status, reason=solved.reason, costs=costs)


def _row(place: TwoModesSetting, loss: str, arm: str, name: str, outcome: TrainingOutcome) -> dict[str, Any]:
    found = TwoModesScore(outcome.status, outcome.reason)
    if outcome.status == "ok":
        found = judged(place.truth, problem_of(place.truth, outcome.model, place.rows), place.sets[name].statistic)
    head = {"gap": place.truth.gap, "loss": loss, "arm": arm, "set": name, "seed": place.seed}
    facts = outcome.costs.facts()
    cost = {"steps": facts["step"]} | {kind: facts[kind] for kind in COLUMNS[-2:]}
    return head | found._asdict() | cost


def summary(runs: pd.DataFrame) -> pd.DataFrame:
    """Compute mean and standard error over seeds of weight, KL and mismatch, of the n of ``seeds`` runs that are ok."""
    rows = []
    for group, found in runs.groupby(GROUP, sort=False):
        ok = found[found["status"] == "ok"]
        row = dict(zip(GROUP, group, strict=True)) | {"n": len(ok), "seeds": len(found)}
        for name in ("weight", "kl", "mismatch"):
            row |= {name: ok[name].mean(), f"{name}_stderr": ok[name].std() / max(1, len(ok)) ** 0.5}
        rows.append(row)
    return pd.DataFrame(rows)
