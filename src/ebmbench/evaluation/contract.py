"""The files of a data set and of a job as scoring reads them, each checked against the other.

A job's files may come from any tool, so every shape is checked and every complaint names file and key.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from ebmbench.core import files
from ebmbench.core.cells import AXES, NAME, Cell
from ebmbench.core.errors import UserError
from ebmbench.evaluation.metrics.density_grid import DensityGrid
from ebmbench.evaluation.metrics.manifold import ARCS, Curve

#: the entry of sampling.json, and the tensor of samples.safetensors, of test rows' latents decoded
RECONSTRUCTION = "reconstruction"

SPLITS = ("train", "val", "test")


class RunOutcome(NamedTuple):
    """``status`` is ok, diverged, timeout, failed or skipped; ``reason`` says why it is not ok."""

    status: str
    reason: str


class GridDensity(NamedTuple):
    """log q = tensor - log_z at the rows of each split, and at the grid of a known density.

    ``at[split]: (N_split,)``, ``at["grid"]: (G,)``, float64, not normalised.
    """

    at: Mapping[str, Tensor]
    log_z: float
    log_z_stderr: float


class DataFiles:
    """A data set's file for a block of seeds, with the JSON file beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tensors = _tensors(path, read=files.read_rows)
        self._facts = _json(path.with_suffix(".json"))
        self.grid = self._grid()
        self.curve = self._curve()

    @property
    def name(self) -> str:
        """The data set's name."""
        return str(self._facts.get("dataset"))

    def rows(self, seed: str) -> dict[str, Tensor]:
        """``(N, D)`` rows of each split."""
        return {split: _sized(self._path, self._tensors, f"{seed}/{split}", (None, None)) for split in SPLITS}

    def test_log_prob(self, seed: str) -> Tensor | None:
        """``(N_test,)`` true log-density at the test rows, float64; None where it is not known."""
        key = f"{seed}/test_log_prob"
        if key not in self._tensors:
            return None
        return _sized(self._path, self._tensors, key, (len(self.rows(seed)["test"]),)).double()

    def odd(self, seed: str) -> Tensor | None:
        """``(N_test,)``: which test rows are of a class that models do not see; None where they see all."""
        key = f"{seed}/test_odd"
        if key not in self._tensors:
            return None
        return _sized(self._path, self._tensors, key, (len(self.rows(seed)["test"]),)).bool()

    def grid_points(self) -> Tensor:
        """``(n^2, 2)`` midpoints of the grid."""
        return _sized(self._path, self._tensors, "grid/points", (len(self.grid.log_p), 2))

    def _grid(self) -> DensityGrid | None:
        if "grid/log_prob" not in self._tensors:
            return None
        where, shape = self._path.with_suffix(".json"), self._facts.get("grid")
        if not (isinstance(shape, dict) and {"n", "box"} <= set(shape)):
            raise UserError(f"{where}: grid = {shape!r}; allowed: n and box")
        size = (shape["n"] ** 2,)
        component = None
        if "grid/component" in self._tensors:
            component = _sized(self._path, self._tensors, "grid/component", size)
        log_p = _sized(self._path, self._tensors, "grid/log_prob", size).double()
        return DensityGrid(log_p, (2 * shape["box"] / shape["n"]) ** 2, component)

    def _curve(self) -> Curve | None:
        if "manifold/mass" not in self._tensors:
            return None
        mass = _sized(self._path, self._tensors, "manifold/mass", (None,)).double()
        if len(mass) % ARCS:
            raise UserError(f"{self._path}: manifold/mass has {len(mass)} cells; allowed: a multiple of {ARCS}")
        dim = next((rows.shape[-1] for name, rows in self._tensors.items() if name.endswith("/test")), None)
        points = _sized(self._path, self._tensors, "manifold/points", (len(mass), dim)).double()
        return Curve(points, mass)


class RunFiles:
    """What training and sampling wrote for the seeds of a job."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        run = _json(folder / "run.json")
        cell, self._runs = run.get("cell"), run.get("runs")
        if not (isinstance(cell, dict) and set(cell) == set(AXES) and isinstance(self._runs, dict)):
            raise UserError(f"{folder / 'run.json'}: cell ({', '.join(AXES)}) and runs are needed")
        for axis, name in cell.items():
            if not (isinstance(name, str) and re.fullmatch(NAME, name)):
                raise UserError(f"{folder / 'run.json'}: cell.{axis} = {name!r}; allowed: text of the form {NAME}")
        for seed in self._runs:
            if not re.fullmatch("[0-9]+", seed):
                raise UserError(f"{folder / 'run.json'}: runs.{seed!r}; allowed: seeds, whole numbers, 0 or more")
        self.cell = Cell(**cell)
        self._sampled = _json(folder / "sampling.json").get("runs", {})
        if not (isinstance(self._sampled, dict) and all(isinstance(of, dict) for of in self._sampled.values())):
            raise UserError(f"{folder / 'sampling.json'}: runs is not a table of seeds")
        self._samples = _tensors(folder / "samples.safetensors", optional=True)
        self._log_prob = _tensors(folder / "log_prob.safetensors", optional=True)

    @property
    def seeds(self) -> list[str]:
        """The seeds of the job, as the files name them."""
        return list(self._runs)

    def trained(self, seed: str) -> RunOutcome:
        """How the training of this seed came out."""
        return _outcome(self._runs[seed], f"{self._folder / 'run.json'}: runs.{seed}")

    def outcome(self, seed: str, part: str) -> RunOutcome:
        """How ``likelihood``, ``samples`` or ``model`` of this seed came out, as sampling.json tells."""
        return _outcome(self._part(seed, part), f"{self._folder / 'sampling.json'}: runs.{seed}.{part}")

    def tells(self, seed: str, part: str) -> bool:
        """Whether sampling.json has an entry ``part`` for this seed."""
        return part in self._sampled.get(seed, {})

    def word(self, seed: str, part: str, key: str, allowed: Sequence[str] | None = None) -> str:
        """A text of an entry, one of ``allowed`` where that is given; empty where the entry leaves it out."""
        value = self._part(seed, part).get(key) or ""
        if not isinstance(value, str) or (value and allowed is not None and value not in allowed):
            wanted = "text" if allowed is None else f"{', '.join(allowed)}, or empty"
            raise UserError(f"{self.where(seed, part, key)} = {value!r}; allowed: {wanted}")
        return value

    def beta(self, seed: str) -> float:
        """The inverse temperature of the samples, above 0; 1 where their entry leaves it out."""
        value = self._part(seed, "samples").get("beta", 1.0)
        if not isinstance(value, int | float) or not 0 < value < math.inf:
            raise UserError(f"{self.where(seed, 'samples', 'beta')} = {value!r}; allowed: a number above 0")
        return float(value)

    def n_eff(self, seed: str, part: str) -> float:
        """How many independent draws those of ``part`` are worth, 0 or more."""
        value = self._part(seed, part).get("n_eff")
        if not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise UserError(f"{self.where(seed, part, 'n_eff')} = {value!r}; allowed: a number, 0 or more")
        return float(value)

    def steps(self, seed: str) -> int:
        """Of the sampler's chains, 0 where their entry leaves it out."""
        value = self._part(seed, "samples").get("steps", 0)
        if not isinstance(value, int) or value < 0:
            raise UserError(f"{self.where(seed, 'samples', 'steps')} = {value!r}; allowed: a whole number, 0 or more")
        return value

    def where(self, seed: str, part: str, key: str) -> str:
        """The place of ``key`` in an entry, for a complaint."""
        return f"{self._folder / 'sampling.json'}: runs.{seed}.{part}.{key}"

    def draws(self, seed: str, part: str, dim: int) -> Tensor:
        """``(n, D)`` draws that the entry ``part`` (``samples`` or ``model``) tells of, with D = ``dim``."""
        path, key = self._folder / "samples.safetensors", f"{seed}/{part}"
        draws = _sized(path, self._samples, key, (None, dim))
        if len(draws) < 2:
            raise UserError(f"{path}: {key} has {len(draws)} rows; allowed: 2 or more")
        return draws

    def moved(self, seed: str, dim: int) -> Tensor | None:
        """``(n, D)``: the first test rows after one step of a kernel that leaves the model alone; None without."""
        key = f"{seed}/moved"
        if key not in self._samples:
            return None
        return _sized(self._folder / "samples.safetensors", self._samples, key, (None, dim))

    def score(self, seed: str, shape: tuple[int, ...]) -> Tensor | None:
        """``(N_test, D)``: the gradient of the log-density at the test rows, of this shape; None without."""
        key = f"{seed}/test_score"
        if key not in self._log_prob:
            return None
        return _sized(self._folder / "log_prob.safetensors", self._log_prob, key, shape)

    def reconstruction(self, seed: str, shape: tuple[int, int]) -> Tensor:
        """Decoded latents of the first test rows, ``(n, D)``, ``shape`` being that of all."""
        path, key = self._folder / "samples.safetensors", f"{seed}/{RECONSTRUCTION}"
        found = _sized(path, self._samples, key, (None, shape[1]))
        if not 2 <= len(found) <= shape[0]:
            raise UserError(f"{path}: {key} has {len(found)} rows; allowed: 2 to {shape[0]}")
        return found

    def joint_energy(self, seed: str, n: int) -> Tensor:
        """``(n,)``: joint energies of all test rows and their latents."""
        return _sized(self._folder / "samples.safetensors", self._samples, f"{seed}/joint_energy", (n,))

    def density(self, seed: str, sizes: Mapping[str, int]) -> GridDensity:
        """Log-densities at ``sizes[split]`` rows of each split (and ``grid``), and log Z."""
        path, stored = self._folder / "log_prob.safetensors", self._log_prob
        at = {name: _sized(path, stored, f"{seed}/{name}", (size,)).double() for name, size in sizes.items()}
        log_z, stderr = (float(_sized(path, stored, f"{seed}/{name}", ())) for name in ("log_z", "log_z_stderr"))
        return GridDensity(at, log_z, stderr)

    def _part(self, seed: str, part: str) -> Mapping[str, Any]:
        found = self._sampled.get(seed, {}).get(part)
        if not isinstance(found, dict):
            raise UserError(f"{self._folder / 'sampling.json'}: runs.{seed}.{part} is missing; sample it again")
        return found


def _outcome(entry: Mapping[str, Any], where: str) -> RunOutcome:
    if not isinstance(entry, dict) or "status" not in entry:
        raise UserError(f"{where}.status is missing; allowed: ok, diverged, timeout, failed, skipped")
    return RunOutcome(entry["status"], entry.get("reason") or "")


def _sized(path: Path, tensors: Mapping[str, Tensor], key: str, shape: tuple[int | None, ...]) -> Tensor:
    """``tensors[key]`` if it has ``shape``, None being any size."""
    if key not in tensors:
        raise UserError(f"{path}: {key} is missing; needed: a tensor of shape {_written(shape)}")
    found = tuple(tensors[key].shape)
    fits = len(found) == len(shape) and all(b in (None, a) for a, b in zip(found, shape, strict=True))
    if not fits:
        raise UserError(f"{path}: {key} has shape {_written(found)}; allowed: {_written(shape)}")
    return tensors[key]


def _written(shape: tuple[int | None, ...]) -> str:
    return f"({', '.join('any' if size is None else str(size) for size in shape)})"


def _json(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        raise UserError(f"{path}: the file is missing")
    content = files.read_json(path)
    if not isinstance(content, dict):
        raise UserError(f"{path}: {type(content).__name__}; allowed: an object")
    return content


def _tensors(
    path: Path, optional: bool = False, read: Callable[[Path], dict[str, Tensor]] = files.read_tensors
) -> dict[str, Tensor]:
    if path.is_file():
        return read(path)
    if optional:
        return {}
    raise UserError(f"{path}: the file is missing")
