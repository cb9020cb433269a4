"""Scores of a run on one set of statistics, from its samples, its density and its kernel."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ebmbench.core.cells import Cell
from ebmbench.core.seeds import generator
from ebmbench.evaluation.contract import RunFiles, RunOutcome
from ebmbench.evaluation.data_files import DataFiles
from ebmbench.evaluation.metrics import headroom, mahalanobis, mismatch, residuals, transport
from ebmbench.evaluation.metrics.equal_numbers import ComparedRows
from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.evaluation.metrics.mismatch import Averages, Mismatch, Sides
from ebmbench.evaluation.metrics.statistic_rows import StatisticRows, Values
from ebmbench.evaluation.metrics.transport import ComparedStatistics
from ebmbench.evaluation.sample_size import sample_size, too_few
from ebmbench.inference.exponential_tilting import InfeasibleError
from ebmbench.models.statistics.interface import Statistic

#: summaries of differences of means that need equal numbers of samples
OF_MEANS = (*mismatch.SUMMARIES, "smooth", "smooth_floor95")

#: summaries of the samples of any distribution
OF_DRAWS = (
    *mismatch.SUMMARIES,
    *("smooth", "smooth_floor95"),
    *mahalanobis.NAMES,
    *transport.NAMES,
    "headroom_test",
)

#: summaries of the model itself, from its score and from one step of a kernel that leaves it invariant
OF_MODEL = (residuals.STEIN, residuals.KERNEL)

#: summaries of the model itself if the data's density is known
OF_DENSITY = (headroom.NAME,)

#: outcome for a model with samples but no density
NO_SCORE = RunOutcome("skipped", "the model has no density in x")

#: estimates by summary, or an outcome if there is no number
Found = dict[str, Estimate | RunOutcome]

#: columns of statistics.csv, beyond those of a :class:`~ebmbench.evaluation.metrics.mismatch.Mismatch`
Columns = dict[str, Tensor]


@dataclass(frozen=True)
class Set:
    """A set of statistics, fitted to the training data of a seed, and the cell and seed that it scores.

    ``rows``: the examples of each split.
    """

    name: str
    statistic: Statistic
    rows: Mapping[str, Tensor]
    cell: Cell
    seed: str

    @property
    def size(self) -> int:
        """Number of samples that biased distances use."""
        return sample_size(self.rows)

    @cached_property
    def kept(self) -> Tensor:
        """Indices of the statistics that vary over the test set."""
        return mismatch.varying(self.hard["test"])

    @cached_property
    def hard(self) -> dict[str, Averages]:
        """Averages over the training and the test set of the hard statistics, which T may approximate."""
        return self._averages(self.statistic.hard) if self.statistic.approximate() else self.smooth

    @cached_property
    def smooth(self) -> dict[str, Averages]:
        """Averages of T over the training and the test set."""
        return self._averages(self.statistic.value)

    def of(self, rows: Tensor) -> StatisticRows:
        """Return T of ``rows: (n, D)``."""
        return StatisticRows(self.statistic.value, rows)

    def sides(self, draws: Tensor, n_eff: float) -> tuple[Sides, Sides]:
        """Return the sides for the hard statistics and for T, of samples ``draws: (n, D)`` and both splits.

        ``n_eff``: effective number of independent samples.
        """
        found = Averages.of(self.of(draws), n_eff, self.stream("draws"))
        smooth = Sides(found, **self.smooth)
        if not self.statistic.approximate():
            return smooth, smooth
        rows = StatisticRows(self.statistic.hard, draws)
        return Sides(Averages.of(rows, n_eff, self.stream("draws")), **self.hard), smooth

    def stream(self, side: str) -> torch.Generator:
        """Return a generator that depends on neither method nor distribution: all share the same simulated errors."""
        return generator(self.cell.dataset, "score", int(self.seed), self.name, side)

    def _averages(self, values: Values) -> dict[str, Averages]:
        rows = {split: StatisticRows(values, self.rows[split]) for split in ("train", "test")}
        return {split: Averages.of(of, len(of), self.stream(split)) for split, of in rows.items()}


def of_draws(asked: Set, draws: Tensor, n_eff: float) -> tuple[Found, list[dict[str, Any]]]:
    """Compute every summary of :data:`OF_DRAWS` for samples ``draws: (n, D)``, and a table row per statistic.

    ``n_eff``: effective number of independent samples.
    """
    hard, smooth = asked.sides(draws, n_eff)
    means = of_means(hard, smooth, n_eff, asked.size)
    w1, distances = _transport(asked, smooth, n_eff)
    found: Found = {**means.summaries, **distances}
    found["headroom_test"] = _headroom(asked, smooth.model.rows.all(), n_eff)
    each, smoothly = means.hard, means.smooth
    reported = {name: getattr(each, name) for name in each._fields[1:]}
    sae_smooth = _spread(smoothly.kept, smoothly.sae, len(hard.test.mean))[each.kept]
    return found, _table(asked, reported | {"sae_smooth": sae_smooth, "w1": w1})


class Means(NamedTuple):
    """Mismatch of the means of the hard statistics and of T, and its summaries."""

    hard: Mismatch
    smooth: Mismatch
    summaries: Found


def of_means(hard: Sides, smooth: Sides, n_eff: float, size: int) -> Means:
    """Compare the means of samples with those of the test set: all summaries of samples but transport and headroom.

    ``hard``, ``smooth``: as :meth:`Set.sides`; ``n_eff``: effective number of samples; ``size``: the number that biased
    distances use on the data set.
    """
    each, smoothly = mismatch.mismatch(hard), mismatch.mismatch(smooth)
    drawn = mismatch.errors(smooth, smoothly)
    found: Found = dict(mahalanobis.mahalanobis(smooth, smoothly, drawn))
    outcome = too_few(n_eff, size)
    if outcome is not None:
        return Means(each, smoothly, found | dict.fromkeys(OF_MEANS, outcome))
    summaries = mismatch.summaries(smooth, smoothly, drawn, size)
    found |= {"smooth": summaries["mean"], "smooth_floor95": summaries["floor95"]}
    if hard is not smooth:
        summaries = mismatch.summaries(hard, each, mismatch.errors(hard, each), size)
    return Means(each, smoothly, {**found, **summaries})


def of_model(asked: Set, run: RunFiles) -> tuple[Found, list[dict[str, Any]]]:
    """Compute every summary of :data:`OF_MODEL` on the test set, and a table row per statistic."""
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
    """Compute the headroom of the model against the known data density, with ``log_q: (n^2,)`` at its grid."""
    values, log_p = asked.of(data.grid_points()).all(), data.required_grid().log_p
    try:
        return {headroom.NAME: headroom.on_grid(headroom.Squares(values, log_p, log_q))}
    except InfeasibleError as error:
        return {headroom.NAME: RunOutcome("failed", str(error))}


def _transport(asked: Set, smooth: Sides, n_eff: float) -> tuple[Tensor, Found]:
    outcome = too_few(n_eff, asked.size)
    if outcome is not None:
        return torch.full((len(asked.kept),), math.nan), dict.fromkeys(transport.NAMES, outcome)
    if not len(asked.kept):
        nothing = Estimate(math.nan, math.nan, asked.size)
        return torch.empty(0), dict.fromkeys(transport.NAMES, nothing)
    sides = {
        name: ComparedRows.of(side.rows.all()[:, asked.kept], worth, asked.stream(f"equal {name}"))
        for name, side, worth in (
            ("model", smooth.model, n_eff),
            ("test", smooth.test, smooth.test.n_eff),
            ("train", smooth.train, smooth.train.n_eff),
        )
    }
    each, found = transport.transport(ComparedStatistics(**sides), asked.size)
    return each, {**found}


def _headroom(asked: Set, values: Tensor, n_eff: float) -> Estimate | RunOutcome:
    needed = headroom.DRAWS_A_STATISTIC * values.shape[1]
    if n_eff < needed:
        return RunOutcome("skipped", f"{values.shape[1]} statistics need {needed} independent draws")
    try:
        return headroom.of_draws(values, n_eff, asked.smooth["train"].rows.all(), asked.smooth["test"].rows.all())
    except InfeasibleError as error:
        return RunOutcome("failed", str(error))


def _unit(values: Tensor) -> Tensor:
    """Return the standard deviations ``(K,)``, with 1 in place of 0."""
    spread = values.std(0)
    return torch.where(spread > 0, spread, 1.0)


def _spread(places: Tensor, values: Tensor, size: int) -> Tensor:
    """Return ``values`` at their ``places`` in a tensor of ``size``, NaN elsewhere."""
    return torch.full((size,), torch.nan, dtype=torch.float64).index_put((places,), values)


def _table(asked: Set, reported: Columns) -> list[dict[str, Any]]:
    names = asked.statistic.names(asked.rows["test"].shape[1])
    columns = {name: column.tolist() for name, column in reported.items()}
    return [
        {"set": asked.name, "statistic": names[index]} | {name: column[place] for name, column in columns.items()}
        for place, index in enumerate(asked.kept.tolist())
    ]
