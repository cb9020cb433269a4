"""Densities in the plane: the data's beside each method's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from safetensors import safe_open

from ebmbench.cells import AXES, Cell
from ebmbench.errors import UserError
from ebmbench.figures.style import SMALL, WIDTH, new_figure, save, styled
from ebmbench.files import read_json, write_csv
from ebmbench.tables import method_label

#: panels side by side, the data's included
ACROSS = 9

#: a panel is drawn with at most this many cells a side, each the mean of the grid points in it
CELLS = 120

COLOURS = "gist_heat_r"

#: a density is drawn as its square root, so that mass where there should be none can be seen
POWER = 0.5


class Truth(NamedTuple):
    """The data's density at the midpoints of the grid, ``density: (n, n)``, on [-box, box]^2."""

    density: np.ndarray
    box: float


class Panel(NamedTuple):
    """One square of the figure; ``density: (n, n)`` of the run drawn, or None and the ``note`` why there is none."""

    cell: Cell | None
    run: str
    density: np.ndarray | None
    note: str
    kl: float
    seeds: int


def density_panels(run_dirs: Sequence[Path], data_files: Sequence[Path], summary: pd.DataFrame, stem: Path) -> None:
    """Rows are data sets, columns the data and each method, by its first seed with a normalised density.

    Methods stand in the order in which ``run_dirs`` first names them; a data set's panel says so where the grid
    leaves a method out. ``data_files`` are the JSON files of the
    data sets, each beside its safetensors file; sets without a grid are left out. A row has one colour scale,
    whose end is the data's largest density. A panel tells the mean over seeds of KL(data || model) in nats, from
    ``summary``. Besides the figure and ``stem.csv`` (a row a panel), ``stem_grid.csv`` holds the drawn densities
    over that largest one, rounded to 1e-4.
    """
    truths = _truths(data_files)
    folders: dict[Cell, list[Path]] = {}
    for folder in run_dirs:
        cell = Cell(**read_json(folder / "run.json")["cell"])
        if cell.dataset in truths:
            folders.setdefault(cell, []).append(folder)
    exact = summary[(summary["metric"] == "kl") & (summary["split"] == "exact")].set_index(list(AXES))
    methods = dict.fromkeys(cell[1:] for cell in folders)
    rows = {
        name: [Panel(None, "", truth.density, "", np.nan, 0)]
        + [_panel(Cell(name, *method), folders.get(Cell(name, *method), []), exact) for method in methods]
        for name, truth in truths.items()
    }
    with styled():
        figure = _drawn(rows, truths)
        save(figure, _listed(rows, truths), stem)
    write_csv(stem.with_name(f"{stem.name}_grid.csv"), _cells(rows))


def _truths(data_files: Sequence[Path]) -> dict[str, Truth]:
    found: dict[str, Truth] = {}
    for path in sorted(data_files):
        content = read_json(path)
        if content["grid"] and content["dataset"] not in found:
            density = _density(path.with_suffix(".safetensors"), "grid/log_prob", 0.0, content["grid"]["n"])
            found[content["dataset"]] = Truth(density, content["grid"]["box"])
    return found


def _density(path: Path, name: str, log_z: float, n: int | None = None) -> np.ndarray:
    """exp(log_prob - log_z) as ``(m, m)`` means over squares of grid points, m <= :data:`CELLS`."""
    with safe_open(path, framework="numpy") as tensors:
        if name not in tensors.keys():  # noqa: SIM118 - a safetensors handle is not iterable
            raise UserError(f"{path}: no tensor {name!r}; a two-dimensional known density needs it")
        values = tensors.get_tensor(name).astype(np.float64)
    n = round(len(values) ** 0.5) if n is None else n
    if len(values) != n * n:
        raise UserError(f"{path}: {name} has {len(values)} values; allowed: {n} x {n} = {n * n}")
    side = next(side for side in range(min(n, CELLS), 0, -1) if n % side == 0)
    step = n // side
    return np.exp(values - log_z).reshape(side, step, side, step).mean(axis=(1, 3))


def _panel(cell: Cell, folders: Sequence[Path], exact: pd.DataFrame) -> Panel:
    """The first seed of ``cell`` with a density on the grid, or what became of all of its seeds."""
    if not folders:
        return Panel(cell, "", None, "not in\nthe grid", np.nan, 0)
    kl, seeds = (float(exact.loc[cell, "mean"]), int(exact.loc[cell, "seeds"])) if cell in exact.index else (np.nan, 0)
    outcomes: Counter[str] = Counter()
    runs = [(int(seed), folder) for folder in folders for seed in read_json(folder / "run.json")["runs"]]
    for seed, folder in sorted(runs):
        log_z = _log_z(folder / "log_prob.safetensors", seed)
        if log_z is not None:
            density = _density(folder / "log_prob.safetensors", f"{seed}/grid", log_z)
            return Panel(cell, cell.run(seed), density, "", kl, seeds)
        outcomes[_outcome(folder, seed)] += 1
    note = "\n".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    return Panel(cell, "", None, note, kl, seeds)


def _log_z(path: Path, seed: int) -> float | None:
    """``log_z`` of a seed that has a density on the grid, else None."""
    if not path.is_file():
        return None
    with safe_open(path, framework="numpy") as tensors:
        held = set(tensors.keys())
        whole = {f"{seed}/grid", f"{seed}/log_z"} <= held
        return float(tensors.get_tensor(f"{seed}/log_z")) if whole else None


def _outcome(folder: Path, seed: int) -> str:
    """Why a seed has no density: the status of its training, else that of its likelihood."""
    trained = read_json(folder / "run.json")["runs"][str(seed)]["status"]
    if trained != "ok":
        return trained
    sampled = read_json(folder / "sampling.json")["runs"].get(str(seed), {})
    status = sampled.get("likelihood", {}).get("status", "ok")
    return "without density" if status == "ok" else f"likelihood {status}"


def _drawn(rows: Mapping[str, Sequence[Panel]], truths: Mapping[str, Truth]) -> object:
    """The figure: each data set takes as many lines of at most :data:`ACROSS` panels as it needs."""
    most = max((len(panels) for panels in rows.values()), default=1)
    lines = -(-most // ACROSS)
    across = -(-most // lines)
    side = min(WIDTH / across, 1.4)
    down = max(1, lines * len(rows))
    figure = new_figure(max(side * across, 2.0), down * (side + (0.3 if lines > 1 else 0.02)) + 0.35)
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    grid = figure.subplots(down, across, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for index, (name, panels) in enumerate(rows.items()):
        block = grid[index * lines : (index + 1) * lines].flat
        for place, (axes, panel) in enumerate(zip(block, panels, strict=False)):
            _draw(axes, panel, truths[name])
            if index == 0 or lines > 1:
                axes.set_title(_title(panel), fontsize=SMALL, pad=2)
            if place == 0:
                axes.text(-0.06, 0.5, name, rotation=90, ha="right", va="center", transform=axes.transAxes)
    return figure


def _title(panel: Panel) -> str:
    return "data" if panel.cell is None else method_label(*panel.cell[1:]).replace(" · ", "\n")


def _draw(axes: Axes, panel: Panel, truth: Truth) -> None:
    axes.set_axis_on()
    axes.set(xticks=[], yticks=[], aspect="equal", xlim=(-truth.box, truth.box), ylim=(-truth.box, truth.box))
    axes.spines[:].set_visible(True)
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
        axes.text(0.03, 0.03, f"KL {panel.kl:.2g}", fontsize=SMALL, transform=axes.transAxes, bbox=box)


def _listed(rows: Mapping[str, Sequence[Panel]], truths: Mapping[str, Truth]) -> pd.DataFrame:
    """A row a panel: whose density, which run, KL, and the density at which the row's colours end."""
    listed = []
    for name, panels in rows.items():
        for panel in panels:
            method = panel.cell[1:] if panel.cell else ("data", "", "")
            listed.append((name, *method, panel.run, panel.note, panel.kl, panel.seeds, truths[name].density.max()))
    return pd.DataFrame(listed, columns=[*AXES, "run", "note", "kl", "kl_seeds", "colour_scale_end"])


def _cells(rows: Mapping[str, Sequence[Panel]]) -> pd.DataFrame:
    """The drawn densities over the row's largest true one: a row for each place along the first coordinate."""
    tables = []
    for name, panels in rows.items():
        for panel in panels:
            if panel.density is None or panels[0].density is None:
                continue
            method = panel.cell[1:] if panel.cell else ("data", "", "")
            shown = np.round(panel.density / panels[0].density.max(), 4)
            table = pd.DataFrame(shown, columns=[f"y{i}" for i in range(shown.shape[1])])
            head = dict(zip(AXES, (name, *method), strict=True)) | {"x": range(len(shown))}
            tables.append(pd.concat([pd.DataFrame(head), table], axis="columns"))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=[*AXES, "x"])
