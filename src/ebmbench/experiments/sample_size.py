"""Headroom of fixed statistics after training: by width of the network and number of training examples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd
import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.data.interface import Splits
from ebmbench.data.ring8_unequal import Ring8Unequal
from ebmbench.experiments.exact import Square, tilted
from ebmbench.experiments.interface import Tables
from ebmbench.experiments.trials import Trial, run
from ebmbench.inference.exponential_tilting import InfeasibleError
from ebmbench.models.families.ebm import EBM
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.models.statistics.sets import load_set
from ebmbench.planning.statistic_sets import STANDARD
from ebmbench.reporting.comparison.intervals import interval
from ebmbench.training.losses.ed import EnergyDiscrepancy
from ebmbench.training.settings import TrainSettings

__all__ = ["SampleSize"]

#: numbers of training examples, and units per layer
ROWS = (200, 1_000, 5_000, 50_000)
WIDTHS = (8, 32, 128)

#: names of the sets of statistics
SETS = ("s1", "s2", "s3", "s4")

NUMBERS = ("kl", "headroom", "gained", "mismatch")


class SampleSizeData(NamedTuple):
    """The data distribution on the square, and the data splits of one seed."""

    square: Square
    rows: Splits
    seed: int


@dataclass(frozen=True)
class SampleSize:
    """Headroom KL(p* || p) of a trained model p in a set of statistics, by network width and examples N; exact.

    p*: the tilt of p to the data's means. Unequal modes on a ring; the family ``ebm`` of ``depth``, trained by energy
    discrepancy for at most ``steps`` steps, with the best of ``checkpoints`` on validation examples (a tenth of the
    training examples, at least 50), over ``seeds`` seeds; 200, 1,000, 5,000 and 50,000 training examples, 8, 32 and 128
    units, sets s1 to s4; sums over ``cells`` x ``cells`` squares.

    ``fits``: a row per width, N, seed and set: ``kl`` of p in nats, ``headroom``, ``mismatch``, and ``gained``, the
    decrease of KL if p is tilted to the means of its own N examples, as in practice: negative if the tilt does harm. If
    there is no such tilt, the row has a reason. ``expected`` = headroom - K / 2N, the expected gain of a tilt to
    estimated means if the tilted model is otherwise right. ``means``: over seeds, with standard errors.
    """

    depth: PositiveInt = 3
    steps: PositiveInt = 600
    checkpoints: PositiveInt = 12
    seeds: PositiveInt = 3
    cells: PositiveInt = 120

    def __post_init__(self) -> None:
        check_ranges(self)

    def run(self, generator: torch.Generator) -> Tables:
        """Return the two tables by name; randomness depends on the seeds alone."""
        square = Square(Ring8Unequal(), self.cells)
        found: list[dict[str, Any]] = []
        for n in ROWS:
            data = Ring8Unequal(train=n, val=max(50, n // 10), test=1)
            for seed in range(self.seeds):
                study = SampleSizeData(square, data.splits(seed), seed)
                found += [row for width in WIDTHS for row in self._fits(study, width)]
        table = pd.DataFrame(found)
        return {"fits": table, "means": _means(table)}

    def _fits(self, study: SampleSizeData, width: int) -> list[dict[str, Any]]:
        settings = TrainSettings(steps=self.steps, checkpoints=self.checkpoints, patience=self.checkpoints)
        family = EBM(width=width, depth=self.depth)
        trial = Trial("ed", study.seed, family, EnergyDiscrepancy(), NoStatistic(), settings=settings)
        outcome = run(trial, study.rows)
        log_p = study.square.log_masses(outcome.model)
        head = {"width": width, "rows": len(study.rows.train), "seed": study.seed}
        return [{**head, "set": name} | _headroom(study, log_p, name) for name in SETS]


def _headroom(study: SampleSizeData, log_p: Tensor, name: str) -> dict[str, Any]:
    """Compute the headroom of a model's masses ``log_p: (G,)`` in one set, and the tilt's gain."""
    square, train = study.square, study.rows.train
    statistic = load_set(STANDARD[name]).fit(train)
    values, means = square.values(statistic), statistic.value(train.double()).double().mean(0)
    before = square.judged(log_p, values)
    reported = {"statistics": values.shape[1], **before._asdict()}
    reported["headroom"] = tilted(log_p, values, square.q @ values).gain
    reported["expected"] = reported["headroom"] - values.shape[1] / (2 * len(train))
    try:
        after = square.judged(tilted(log_p, values, means).log_weights, values)
    except InfeasibleError as error:
        return reported | {"gained": math.nan, "status": "infeasible", "reason": str(error)}
    return reported | {"gained": before.kl - after.kl, "status": "ok", "reason": ""}


def _means(fits: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for key, group in fits.groupby(["set", "width", "rows"], sort=True):
        row = dict(zip(("set", "width", "rows"), key, strict=True))
        row |= {"statistics": group["statistics"].iloc[0], "n": len(group), "expected": group["expected"].mean()}
        for name in NUMBERS:
            of = interval(group[name].dropna())
            row |= {name: of.mean, f"{name}_stderr": of.stderr}
        rows.append(row | {"infeasible": int((group["status"] != "ok").sum())})
    return pd.DataFrame(rows)
