"""Runs of known mismatch: samples from a tilted standard normal distribution, scored as those of any model."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import torch

from ebmbench.core.cells import Cell
from ebmbench.core.seeds import generator
from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.evaluation.statistic_scores import Set, of_means
from ebmbench.experiments.calibration.known_order import rules
from ebmbench.experiments.calibration.known_order.measured import Sizes
from ebmbench.experiments.calibration.known_order.rules import Decision, Rule
from ebmbench.experiments.calibration.known_order.study import SEEDS
from ebmbench.models.statistics.moments import Moments
from ebmbench.reporting.comparison.equivalence import FEW_ROWS, MARGIN, MATCHED, NEEDED, NOT_MATCHED, equivalence

#: names of sizes with too few rows to tell
FEW = ("redwine",)

#: tilts of the oracles, in margins of the equivalence test
TILTS = (0, 1, 2)


def shift_of(distance: float) -> float:
    """Return the shift of the first coordinate after which the moments of N(0, I) are ``distance`` sd away.

    The shift is an exponential tilt. Of T = (x, x_i x_j) a shift a changes x_1 by a and x_1², of variance 2, by a²:
    D² = a² + a⁴ / 2.
    """
    return math.sqrt(math.sqrt(1 + 2 * distance**2) - 1)


def pool(distances: Sequence[float], sizes: Sizes, count: int) -> pd.DataFrame:
    """Score ``count`` runs at each distance: the columns of the equivalence test by ``distance`` and ``seed``."""
    return pd.DataFrame([row for seed in range(count) for row in _scored(distances, sizes, seed)])


def _scored(distances: Sequence[float], sizes: Sizes, seed: int) -> Iterator[dict[str, Any]]:
    """Yield the row of each distance; as in a grid, all runs of a seed share its test and training rows."""
    stream = generator("known_order", "tilted", *sizes, seed)
    model, test, train = (torch.randn(n, sizes.dim, generator=stream, dtype=torch.float64) for n in sizes[:3])
    cell = Cell("normal", "oracle", "none", "none")
    asked = Set("moments", Moments().fit(train), {"test": test, "val": test, "train": train}, cell, str(seed))
    for distance in distances:
        draws = model.clone()
        draws[:, 0] += shift_of(distance)
        hard, smooth = asked.sides(draws, len(draws))
        found = of_means(hard, smooth, len(draws), asked.size).summaries
        values = {name: of.value for name, of in found.items() if isinstance(of, Estimate)}
        yield {"distance": distance, "seed": seed} | {name: values[name] for name in NEEDED}


def decisions(name: str, runs: pd.DataFrame) -> Iterator[Decision]:
    """Yield whether the equivalence test is right about the oracles of a :func:`pool` at the sizes ``name``."""
    for distance, of in runs.groupby("distance"):
        tilt = round(float(distance) / MARGIN)
        for seeds in SEEDS:
            for number in range(len(of) // seeds):
                found = equivalence(of[of["seed"] // seeds == number], 0)
                for rule, happened in _counted(name, tilt, found.verdict, found.reason == FEW_ROWS):
                    yield Decision(rule, f"moments, {name}", float(tilt), seeds, happened)


def _counted(name: str, tilt: int, verdict: str, few: bool) -> Iterator[tuple[Rule, bool]]:
    """Yield the rules that count a verdict, and whether it is what they count."""
    matched, not_matched = verdict == MATCHED, verdict == NOT_MATCHED
    yield (rules.TILTED_MATCHED, matched) if tilt else (rules.ORACLE_NOT_MATCHED, not_matched)
    if name in FEW:
        yield rules.TOO_FEW_ROWS, few
    elif tilt == 0:
        yield rules.CALLED_MATCHED, matched
    elif tilt > 1:
        yield rules.TILTED_NOT_MATCHED, not_matched
