"""Samples around a curve that supports the data, and their distribution along it: from run files to numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from torch import Tensor

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.columns import BASE
from ebmbench.evaluation.contract import RunFiles
from ebmbench.evaluation.data_files import DataFiles
from ebmbench.evaluation.distributions import distributions
from ebmbench.evaluation.metrics.manifold import ARCS, DISTANCE, TV, Curve, manifold, nearest, shares
from ebmbench.evaluation.sample_size import sample_size
from ebmbench.reporting.figures.first_draws import first_draws
from ebmbench.reporting.figures.outcomes import ABSENT

TURN = 2 * np.pi

#: number of samples that a panel shows
SHOWN = 1000


class Score(NamedTuple):
    """Mean over seeds, half the length of its 95 % interval (NaN for one seed), and the number of seeds."""

    mean: float
    half: float
    seeds: int


UNSCORED = Score(np.nan, np.nan, 0)


class CurveSamples(NamedTuple):
    """Samples from one distribution.

    ``points: (n, 2)``: the first :data:`SHOWN` in the first two coordinates; ``density: (ARCS,)``: density of the angle
    of the nearest points of all samples, per radian.
    """

    points: np.ndarray
    density: np.ndarray


class CurvePanel(NamedTuple):
    """One column of a data set: samples from ``distribution`` of a run, or None and a ``note`` with the reason."""

    title: str
    cell: Cell | None
    distribution: str
    run: str
    draws: CurveSamples | None
    note: str
    distance: Score = UNSCORED
    tv: Score = UNSCORED


class LegendLine(NamedTuple):
    """Panels side by side of a data set whose distribution lies on ``curve``."""

    dataset: str
    curve: Curve
    panels: Sequence[CurvePanel]

    def exact(self) -> np.ndarray:
        """Return the density of the angle, per radian, at the midpoints of the curve's cells, ``(K,)``."""
        return self.curve.mass.numpy() * len(self.curve.mass) / TURN


def data_panel(data: DataFiles, curve: Curve, seed: str) -> CurvePanel:
    """Return the panel of the test set, with the errors due to chance for as many exact samples as are compared."""
    splits = data.rows(seed)
    rows = splits["test"]
    found = manifold(curve, rows, len(rows), sample_size(splits))
    distance, tv = (Score(found[name].value, np.nan, 1) for name in (DISTANCE, TV))
    return CurvePanel("data", None, "data", "", drawn(curve, rows), "", distance, tv)


def panel(cell: Cell, distribution: str, folders: Sequence[Path], curve: Curve, summary: pd.DataFrame) -> CurvePanel:
    """Return the panel of ``distribution`` (model or base) by the first seed with samples, or how all seeds ended.

    ``folders``: the cell's jobs, empty if the grid lacks the cell; ``summary``: summary.csv.
    """
    if not folders:
        return CurvePanel("", cell, distribution, "", None, ABSENT)
    scores = [_score(summary, cell, distribution, name) for name in (DISTANCE, TV)]
    found = first_draws(cell, distribution, folders, curve.points.shape[1])
    if found.seed is None or found.draws is None:
        return CurvePanel("", cell, distribution, "", None, found.note, *scores)
    return CurvePanel("", cell, distribution, cell.run(found.seed.seed), drawn(curve, found.draws), "", *scores)


def has_base(folders: Sequence[Path]) -> bool:
    """Whether some run in ``folders`` has samples from its base measure alone."""
    runs = map(RunFiles, folders)
    return any(
        distribution.name == BASE for run in runs for seed in run.seeds for distribution in distributions(run, seed)
    )


def drawn(curve: Curve, rows: Tensor) -> CurveSamples:
    """Reduce the samples ``rows: (n, D)`` to the points and the density that a panel shows."""
    cells = len(curve.mass)
    density = shares(nearest(curve, rows).cell, cells) * ARCS / TURN
    return CurveSamples(rows[:SHOWN, :2].double().numpy(), density.numpy())


def listed(lines: Sequence[LegendLine]) -> pd.DataFrame:
    """Return one row per panel and arc: scores, density of the samples and exact density; one row without samples."""
    rows = []
    for line, one in _panels(lines):
        exact = line.curve.arcs().numpy() * ARCS / TURN
        edges = TURN * np.arange(ARCS + 1) / ARCS
        arcs = zip(edges[:-1], edges[1:], one.draws.density, exact, strict=True) if one.draws else [(np.nan,) * 4]
        head = (*_names(line, one), one.distribution, one.run, one.note, *one.distance, *one.tv)
        rows += [(*head, *arc) for arc in arcs]
    scores = [f"{name}{part}" for name in (DISTANCE, TV) for part in ("", "_half_interval", "_seeds")]
    arc = ["angle_low", "angle_high", "density", "exact_density"]
    return pd.DataFrame(rows, columns=[*AXES, "distribution", "run", "note", *scores, *arc])


def points(lines: Sequence[LegendLine]) -> pd.DataFrame:
    """Return the samples that the panels show, rounded to 1e-3."""
    tables = []
    for line, one in _panels(lines):
        if one.draws is not None:
            table = pd.DataFrame(one.draws.points.round(3), columns=["x1", "x2"])
            head = dict(zip((*AXES, "distribution"), (*_names(line, one), one.distribution), strict=True))
            tables.append(table.assign(**head)[[*head, "x1", "x2"]])
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=[*AXES, "distribution", "x1", "x2"])


def _score(summary: pd.DataFrame, cell: Cell, distribution: str, metric: str) -> Score:
    keys = dict(zip((*AXES, "distribution", "metric"), (*cell, distribution, metric), strict=True))
    kept = np.logical_and.reduce([summary[name] == value for name, value in keys.items()])
    if not kept.any():
        return UNSCORED
    row = summary[kept].iloc[0]
    return Score(float(row["mean"]), float(row["ci_high"] - row["mean"]), int(row["seeds"]))


def _panels(lines: Sequence[LegendLine]) -> list[tuple[LegendLine, CurvePanel]]:
    return [(line, one) for line in lines for one in line.panels]


def _names(line: LegendLine, one: CurvePanel) -> tuple[str, str, str, str]:
    return one.cell or (line.dataset, "data", "", "")
