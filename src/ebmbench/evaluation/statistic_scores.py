"""What a run's draws, density and kernel tell of one set of statistics."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from ebmbench.core.cells import Cell
from ebmbench.core.seeds import generator
from ebmbench.evaluation.contract import DataFiles, RunFiles, RunOutcome
from ebmbench.evaluation.metrics import headroom, mahalanobis, mismatch, residuals, transport
from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.evaluation.metrics.mismatch import Averages, Sides
from ebmbench.evaluation.metrics.statistic_rows import StatisticRows, Values
from ebmbench.evaluation.metrics.two_sample import subsets
from ebmbench.inference.exponential_tilting import InfeasibleError
from ebmbench.models.statistics.interface import Statistic

#: of the draws of any law
OF_DRAWS = (
    *mismatch.SUMMARIES,
    *("smooth", "smooth_floor95"),
    *mahalanobis.NAMES,
    *transport.NAMES,
    "headroom_test",
)

#: of the model's own law, from its score and from one step of a kernel that leaves it alone
OF_MODEL = (residuals.STEIN, residuals.KERNEL)

#: of the model's own law where the data's is known
OF_DENSITY = (headroom.NAME,)

#: of a model that is known by its draws alone
NO_SCORE = RunOutcome("skipped", "the model has no density in x")

#: by summary; an outcome where there is no number
Found = dict[str, Estimate | RunOutcome]

#: columns of statistics.csv besides a :class:`~ebmbench.evaluation.metrics.mismatch.Mismatch`
Columns = dict[str, Tensor]


@dataclass(frozen=True)
class Set:
    """A set of statistics by ``name``, fitted to the train ``rows`` of a seed, and the cell and seed it is used for."""

    name: str
    statistic: Statistic
    rows: Mapping[str, Tensor]
    cell: Cell
    seed: str

    @cached_property
    def kept(self) -> Tensor:
        """Indices of the statistics that vary over the test rows."""
        return mismatch.varying(self.hard["test"])

    @cached_property
    def hard(self) -> dict[str, Averages]:
        """Of the train and of the test rows, what the statistics approximate."""
        return self._averages(self.statistic.hard) if self.statistic.approximate() else self.smooth

    @cached_property
    def smooth(self) -> dict[str, Averages]:
        """T of the train and of the test rows."""
        return self._averages(self.statistic.value)

    def of(self, rows: Tensor) -> StatisticRows:
        """T of ``rows: (n, D)``."""
        return StatisticRows(self.statistic.value, rows)

    def sides(self, draws: Tensor, n_eff: float) -> tuple[Sides, Sides]:
        """(what the statistics approximate, T) of ``draws: (n, D)`` worth ``n_eff``, and of both splits."""
        found = Averages.of(self.of(draws), n_eff, self.stream("draws"))
        smooth = Sides(found, **self.smooth)
        if not self.statistic.approximate():
            return smooth, smooth
        rows = StatisticRows(self.statistic.hard, draws)
        return Sides(Averages.of(rows, n_eff, self.stream("draws")), **self.hard), smooth

    def stream(self, side: str) -> torch.Generator:
        """Knows neither method nor law: errors are drawn alike for all."""
        return generator(self.cell.dataset, "score", int(self.seed), self.name, side)

    def _averages(self, values: Values) -> dict[str, Averages]:
        rows = {split: StatisticRows(values, self.rows[split]) for split in ("train", "test")}
        return {split: Averages.of(of, len(of), self.stream(split)) for split, of in rows.items()}


def of_draws(asked: Set, draws: Tensor, n_eff: float) -> tuple[Found, list[dict[str, Any]]]:
    """Every summary of :data:`OF_DRAWS` for ``draws: (n, D)`` worth ``n_eff``; and a row a statistic."""
    hard, smooth = asked.sides(draws, n_eff)
    each, smoothly = mismatch.mismatch(hard), mismatch.mismatch(smooth)
    drawn = mismatch.errors(smooth, smoothly)
    summaries = mismatch.summaries(smooth, smoothly, drawn)
    found: Found = dict(summaries if hard is smooth else mismatch.summaries(hard, each, mismatch.errors(hard, each)))
    found |= {"smooth": summaries["mean"], "smooth_floor95": summaries["floor95"]}
    found |= mahalanobis.mahalanobis(smooth, smoothly, drawn)
    w1, distances = _transport(asked, draws, n_eff)
    found |= {**distances, "headroom_test": _headroom(asked, smooth.model.rows.all(), n_eff)}
    told = {name: getattr(each, name) for name in each._fields[1:]}
    sae_smooth = _spread(smoothly.kept, smoothly.sae, len(hard.test.mean))[each.kept]
    return found, _table(asked, told | {"sae_smooth": sae_smooth, "w1": w1})


def of_model(asked: Set, run: RunFiles) -> tuple[Found, list[dict[str, Any]]]:
    """Every summary of :data:`OF_MODEL`, at test rows; and a row a statistic."""
    test, kept = asked.rows["test"], asked.kept
    found: Found = {}
    columns: Columns = {}
    score, moved = run.score(asked.seed, test.shape), run.moved(asked.seed, test.shape[1])
    if score is None:
        found[residuals.STEIN] = NO_SCORE
    else:
        of = residuals.stein(asked.statistic, test, score, kept)
        found[residuals.STEIN], columns["stein"], columns["stein_stderr"] = of.mean, of.value, of.stderr
    if moved is None:
        found[residuals.KERNEL] = NO_SCORE
    else:
        test_values = asked.smooth["test"].rows.all()[:, kept]
        before, after = test_values[: len(moved)], asked.of(moved).all()[:, kept]
        of = residuals.kernel(before, after, _unit(test_values))
        found[residuals.KERNEL], columns["ed"], columns["ed_stderr"] = of.mean, of.value, of.stderr
    return found, _table(asked, columns)


def of_density(asked: Set, data: DataFiles, log_q: Tensor) -> Found:
    """The head-room of the model against the data's known law, ``log_q: (n^2,)`` at its grid."""
    values = asked.of(data.grid_points()).all()
    try:
        return {headroom.NAME: headroom.on_grid(headroom.Squares(values, data.grid.log_p, log_q))}
    except InfeasibleError as error:
        return {headroom.NAME: RunOutcome("failed", str(error))}


def _transport(asked: Set, draws: Tensor, n_eff: float) -> tuple[Tensor, Found]:
    if not len(asked.kept):
        nothing = Estimate(math.nan, math.nan, len(draws))
        return torch.empty(0), dict.fromkeys(transport.NAMES, nothing)
    # the same rows as for other distances between samples
    few, test = subsets(draws, asked.rows["test"], n_eff, generator(asked.cell.dataset, "score", int(asked.seed)))
    values = asked.of(few).all(), asked.of(test).all(), asked.smooth["train"].rows.all()
    return transport.transport(*(part[:, asked.kept] for part in values))


def _headroom(asked: Set, values: Tensor, n_eff: float) -> Estimate | RunOutcome:
    needed = headroom.DRAWS_A_STATISTIC * values.shape[1]
    if n_eff < needed:
        return RunOutcome("skipped", f"{values.shape[1]} statistics need {needed} independent draws")
    try:
        return headroom.of_draws(values, n_eff, asked.smooth["train"].rows.all(), asked.smooth["test"].rows.all())
    except InfeasibleError as error:
        return RunOutcome("failed", str(error))


def _unit(values: Tensor) -> Tensor:
    """Standard deviations ``(K,)``, 1 where there is none."""
    spread = values.std(0)
    return torch.where(spread > 0, spread, 1.0)


def _spread(places: Tensor, values: Tensor, size: int) -> Tensor:
    """``values`` at their ``places`` among ``size``, NaN elsewhere."""
    return torch.full((size,), torch.nan, dtype=torch.float64).index_put((places,), values)


def _table(asked: Set, told: Columns) -> list[dict[str, Any]]:
    names = asked.statistic.names(asked.rows["test"].shape[1])
    columns = {name: column.tolist() for name, column in told.items()}
    return [
        {"set": asked.name, "statistic": names[index]} | {name: column[place] for name, column in columns.items()}
        for place, index in enumerate(asked.kept.tolist())
    ]
