"""Mismatch of statistics and KL divergence during training, before the likelihood has converged."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd
import torch
from torch import Tensor

from ebmbench.core.errors import allowed_names
from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.data.interface import Splits
from ebmbench.data.ring8_unequal import Ring8Unequal
from ebmbench.experiments.exact import ExactScore, Square, tilted
from ebmbench.experiments.interface import Tables
from ebmbench.experiments.trials import Trial, run
from ebmbench.inference.exponential_tilting import InfeasibleError
from ebmbench.models.families.ebm import EBM
from ebmbench.models.interface import Model
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.models.statistics.sets import load_set
from ebmbench.planning.statistic_sets import STANDARD
from ebmbench.reporting.comparison.intervals import interval
from ebmbench.training.losses.dsm import DenoisingScoreMatching
from ebmbench.training.losses.ed import EnergyDiscrepancy
from ebmbench.training.losses.interface import Loss
from ebmbench.training.losses.sm import ScoreMatching
from ebmbench.training.moment_matching.interface import MatchingMethod
from ebmbench.training.moment_matching.joint import Joint
from ebmbench.training.moment_matching.matched import Matched
from ebmbench.training.moment_matching.none import NoMatching
from ebmbench.training.moment_matching.penalty import Penalty
from ebmbench.training.settings import TrainSettings

__all__ = ["Anytime"]

LOSSES: dict[str, Loss] = {
    "sm": ScoreMatching(),
    "dsm": DenoisingScoreMatching(sigma=0.2),
    "ed": EnergyDiscrepancy(),
}

ARMS: dict[str, MatchingMethod] = {"none": NoMatching(), "joint": Joint(), "matched": Matched(), "penalty": Penalty()}

#: name of the method that tilts the models trained by ``none``
AFTER = "posthoc"

NUMBERS = ("kl", "mismatch")


class SampleJudge(NamedTuple):
    """The data distribution on the square, the statistics ``values: (G, K)`` there, their training means ``(K,)``."""

    square: Square
    values: Tensor
    means: Tensor

    def columns(self, model: Model) -> dict[str, float]:
        """Score the model and its tilt to the training means; NaN if no such tilt exists."""
        log_p = self.square.log_masses(model)
        found = dict(zip(NUMBERS, self.square.judged(log_p, self.values), strict=True))
        try:
            after = self.square.judged(tilted(log_p, self.values, self.means).log_weights, self.values)
        except InfeasibleError:
            after = ExactScore(math.nan, math.nan)
        return found | {f"{AFTER}_{name}": value for name, value in zip(NUMBERS, after, strict=True)}


@dataclass(frozen=True)
class Anytime:
    """KL(data || model) and the mismatch of a set of statistics against training steps, both exact.

    Data: unequal modes on a ring, ``rows`` training examples for each of ``seeds`` seeds. The family ``ebm`` of
    ``width`` and ``depth`` is trained by score matching, denoising score matching and energy discrepancy for ``steps``
    steps, with the statistics ``set`` and each moment-matching method: none, joint, matched (as it is during training,
    before the final solve), penalty, and posthoc, the tilt of ``none`` at that step to the training means. Sums run
    over ``cells`` x ``cells`` squares.

    ``courses``: a row per loss, method, seed and checkpoint; ``means``: over seeds, with standard errors; ``floor``:
    the mismatch of the training examples themselves, over seeds.
    """

    set: str = "s1"
    rows: PositiveInt = 5000
    width: PositiveInt = 64
    depth: PositiveInt = 3
    steps: PositiveInt = 1000
    checkpoints: PositiveInt = 25
    seeds: PositiveInt = 3
    cells: PositiveInt = 120

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.set not in STANDARD:
            raise ValueError(f"set = {self.set!r}; {allowed_names(self.set, STANDARD)}")

    def run(self, generator: torch.Generator) -> Tables:
        """Return the three tables by name; randomness depends on the seeds alone."""
        data = Ring8Unequal(train=self.rows, val=1000, test=1000)
        square = Square(data, self.cells)
        courses: list[dict[str, Any]] = []
        floors = []
        for seed in range(self.seeds):
            rows = data.splits(seed)
            statistic = load_set(STANDARD[self.set]).fit(rows.train)
            values, means = square.values(statistic), statistic.value(rows.train.double()).double().mean(0)
            judge = SampleJudge(square, values, means)
            floors.append(_floor(judge))
            for loss in LOSSES:
                courses += [row for arm in ARMS for row in self._course(loss, arm, seed, rows, judge)]
        table = pd.DataFrame(courses)
        floor = interval(pd.Series(floors))
        return {
            "courses": table,
            "means": _means(table),
            "floor": pd.DataFrame([{"mismatch": floor.mean, "stderr": floor.stderr, "n": len(floors)}]),
        }

    def _course(self, loss: str, arm: str, seed: int, rows: Splits, judge: SampleJudge) -> list[dict[str, Any]]:
        """Return the rows of one training run; for ``none`` also those of its tilts."""
        statistics = NoStatistic() if arm == "none" else load_set(STANDARD[self.set])
        settings = TrainSettings(steps=self.steps, checkpoints=self.checkpoints)
        family = EBM(width=self.width, depth=self.depth)
        trial = Trial(loss, seed, family, LOSSES[loss], statistics, ARMS[arm], settings)
        outcome = run(trial, rows, judge.columns)
        head = {"loss": loss, "seed": seed, "status": outcome.status}
        found = [{**head, "arm": arm, **_numbers(row, "")} for row in outcome.curve]
        if arm == "none":
            found += [{**head, "arm": AFTER, **_numbers(row, f"{AFTER}_")} for row in outcome.curve]
        return found


def _numbers(row: dict[str, float], prefix: str) -> dict[str, float]:
    kept = {name: row[name] for name in ("step", "energy_evaluations", "gradient_evaluations")}
    return kept | {name: row[f"{prefix}{name}"] for name in NUMBERS}


def _floor(judge: SampleJudge) -> float:
    q, values = judge.square.q, judge.values
    mean = q @ values
    deviation = (q @ (values - mean).square()).sqrt()
    return float(((judge.means - mean) / deviation).abs().mean())


def _means(courses: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for key, group in courses.groupby(["loss", "arm", "step"], sort=False):
        row = dict(zip(("loss", "arm", "step"), key, strict=True)) | {"n": len(group)}
        for name in NUMBERS:
            of = interval(group[name].dropna())
            row |= {name: of.mean, f"{name}_stderr": of.stderr}
        rows.append(row)
    return pd.DataFrame(rows)
