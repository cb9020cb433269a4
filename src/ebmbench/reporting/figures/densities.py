"""Panels of 2D densities: read from the files of runs, drawn as squares, and listed as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.errors import UserError
from ebmbench.core.files import open_tensors, read_json
from ebmbench.reporting.figures.outcomes import ABSENT, UNKNOWN, RunOutcomes, note, outcome, seeds_of
from ebmbench.reporting.figures.style import SMALL, WIDTH, new_figure

#: a panel has at most this many cells per side, each the mean of the grid points in it
CELLS = 120

COLOURS = "gist_heat_r"

#: a density is drawn as its square root, which makes mass where there should be none visible
POWER = 0.5

#: inches for labels between panels
INNER = 0.6


class Truth(NamedTuple):
    """The data's density at the midpoints of the grid, ``density: (n, n)``, on [-box, box]^2."""

    density: np.ndarray
    box: float


class DensityPanel(NamedTuple):
    """One square of a figure: ``density: (n, n)`` of the run drawn, or None and a ``note`` with the reason.

    ``kl``: mean of KL(data || model) in nats over ``seeds`` seeds, without the ``failures``, such as "1 failed";
    ``title`` is shown above, ``label`` at the left.
    """

    cell: Cell | None
    run: str
    density: np.ndarray | None
    note: str
    kl: float
    seeds: int
    failures: str = ""
    title: str = ""
    label: str = ""


class DensityLine(NamedTuple):
    """Panels side by side, None for an empty place, in the colours and the box of the data set's ``truth``."""

    dataset: str
    truth: Truth
    panels: Sequence[DensityPanel | None]


def truths_of(data_files: Sequence[Path]) -> dict[str, Truth]:
    """Read the density of each data set that has a grid, in the order of the JSON files; tensors lie next to them."""
    found: dict[str, Truth] = {}
    for path in data_files:
        content = read_json(path)
        if content["grid"] and content["dataset"] not in found:
            density = read_density(path.with_suffix(".safetensors"), "grid/log_prob", 0.0, content["grid"]["n"])
            found[content["dataset"]] = Truth(density, content["grid"]["box"])
    return found


def read_density(path: Path, name: str, log_z: float, n: int | None = None) -> np.ndarray:
    """Return exp(log_prob - log_z) as ``(m, m)`` means over squares of grid points, m <= :data:`CELLS`."""
    with open_tensors(path, "numpy") as tensors:
        if name not in tensors.keys():  # noqa: SIM118 - a safetensors handle is not iterable
            raise UserError(f"{path}: {name} is missing; a known density in two dimensions needs it")
        values = tensors.get_tensor(name).astype(np.float64)
    n = round(len(values) ** 0.5) if n is None else n
    if len(values) != n * n:
        raise UserError(f"{path}: {name} has {len(values)} values; allowed: {n} x {n} = {n * n}")
    side = next(side for side in range(min(n, CELLS), 0, -1) if n % side == 0)
    step = n // side
    return np.exp(values - log_z).reshape(side, step, side, step).mean(axis=(1, 3))


def exact_kl(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of summary.csv for the integrated KL divergence, indexed by cell."""
    return summary[(summary["metric"] == "kl") & (summary["split"] == "exact")].set_index(list(AXES))


def data_panel(dataset: str, truth: Truth) -> DensityPanel:
    """Return the panel of the data's own density."""
    return DensityPanel(None, "", truth.density, "", np.nan, 0, title="data", label=dataset)


def panel(cell: Cell, folders: Sequence[Path], exact: pd.DataFrame) -> DensityPanel:
    """Return the panel of the first seed of ``cell`` with a density on the grid, or a note on how all seeds ended.

    ``folders``: the cell's jobs, empty if the grid lacks the cell; ``exact``: from :func:`exact_kl`.
    """
    if not folders:
        return DensityPanel(cell, "", None, ABSENT, np.nan, 0)
    kl, scored, failures = _scores(cell, exact)
    seeds = seeds_of(folders)
    for seed in seeds:
        path = seed.folder / "log_prob.safetensors"
        log_z = _log_z(path, seed.seed)
        if log_z is not None:
            density = read_density(path, f"{seed.seed}/grid", log_z)
            return DensityPanel(cell, cell.run(seed.seed), density, "", kl, scored, failures)
    outcomes = [RunOutcomes(UNKNOWN, None) if one.word == "ok" else one for one in map(outcome, seeds)]
    return DensityPanel(cell, "", None, note(outcomes, len(seeds)), kl, scored, failures)


def _scores(cell: Cell, exact: pd.DataFrame) -> tuple[float, int, str]:
    """Return the mean KL of ``cell``, of how many seeds, and how the others failed."""
    if cell not in exact.index:
        return np.nan, 0, ""
    row = exact.loc[cell]
    return float(row["mean"]), int(row["seeds"]), row["failures"] if row["failed"] else ""


def _log_z(path: Path, seed: int) -> float | None:
    """Return ``log_z`` of a seed that has a density on the grid, else None."""
    if not path.is_file():
        return None
    with open_tensors(path, "numpy") as tensors:
        held = set(tensors.keys())
        whole = {f"{seed}/grid", f"{seed}/log_z"} <= held
        return float(tensors.get_tensor(f"{seed}/log_z")) if whole else None


def sheet(lines: Sequence[DensityLine], title: str) -> Figure:
    """Draw ``lines`` of panels, one below the other."""
    across = max((len(line.panels) for line in lines), default=1)
    side = min(WIDTH / across, 1.4)
    titled = [any(one is not None and one.title for one in line.panels) for line in lines]
    between = sum(0.3 if with_title and sum(titled) > 1 else 0.02 for with_title in titled or [False])
    labelled = any(one is not None and one.label for line in lines for one in line.panels[1:])
    width = max(side * across, 2.0) + (INNER if labelled else 0)
    figure = new_figure(width, max(1, len(lines)) * side + between + 0.35, title)
    figure.set_layout_engine("constrained", w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    grid = figure.subplots(max(1, len(lines)), across, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for row, line in zip(grid, lines, strict=False):
        for axes, one in zip(row, line.panels, strict=False):
            if one is not None:
                _draw(axes, one, line.truth)
    return figure


def _draw(axes: Axes, panel: DensityPanel, truth: Truth) -> None:
    axes.set_axis_on()
    axes.set(xticks=[], yticks=[], aspect="equal", xlim=(-truth.box, truth.box), ylim=(-truth.box, truth.box))
    axes.spines[:].set_visible(True)
    if panel.title:
        axes.set_title(panel.title, fontsize=SMALL, pad=2)
    if panel.label:
        axes.text(-0.06, 0.5, panel.label, rotation=90, ha="right", va="center", transform=axes.transAxes)
    if panel.density is None:
        axes.text(0.5, 0.5, panel.note, ha="center", va="center", fontsize=SMALL, transform=axes.transAxes)
        return
    axes.imshow(
        (panel.density / truth.density.max()).T,
        origin="lower",
        extent=(-truth.box, truth.box, -truth.box, truth.box),
        cmap=COLOURS,
        norm=PowerNorm(POWER, vmin=0, vmax=1),
        interpolation="none",
    )
    if panel.seeds:
        box = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.8}
        words = f"KL {panel.kl:.2g}" + (f"\n{panel.failures}" if panel.failures else "")
        axes.text(0.03, 0.03, words, fontsize=SMALL, transform=axes.transAxes, bbox=box)


def listed(lines: Sequence[DensityLine]) -> pd.DataFrame:
    """Return one row per panel: method, run, note, KL, and the density at which the line's colour scale ends."""
    rows = [
        (*_names(line, one), one.run, one.note, one.kl, one.seeds, one.failures, line.truth.density.max())
        for line, one in _panels(lines)
    ]
    return pd.DataFrame(rows, columns=[*AXES, "run", "note", "kl", "kl_seeds", "failures", "colour_scale_end"])


def drawn_densities(lines: Sequence[DensityLine]) -> pd.DataFrame:
    """Return the drawn densities over the data's largest, rounded to 1e-4; a row is a place on the first coordinate."""
    tables = []
    for line, one in _panels(lines):
        if one.density is not None:
            shown = np.round(one.density / line.truth.density.max(), 4)
            table = pd.DataFrame(shown, columns=[f"y{i}" for i in range(shown.shape[1])])
            head: Mapping[str, Any] = dict(zip(AXES, _names(line, one), strict=True)) | {"x": range(len(shown))}
            tables.append(pd.concat([pd.DataFrame(head), table], axis="columns"))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=[*AXES, "x"])


def _panels(lines: Sequence[DensityLine]) -> list[tuple[DensityLine, DensityPanel]]:
    return [(line, one) for line in lines for one in line.panels if one is not None]


def _names(line: DensityLine, panel: DensityPanel) -> tuple[str, str, str, str]:
    return panel.cell or (line.dataset, "data", "", "")
