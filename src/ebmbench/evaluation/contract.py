"""Read and check the files of a job for scoring.

They may come from any tool, so every shape is checked and every error message names file and key.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from ebmbench.core.cells import AXES, NAME, Cell
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.evaluation.checked_files import read_object, read_tensors, sized

#: name of the entry in sampling.json, and of the tensor in samples.safetensors, for decoded latents of the test set
RECONSTRUCTION = "reconstruction"


class RunOutcome(NamedTuple):
    """The outcome of a stage: ``status`` is ok, diverged, timeout, failed or skipped; ``reason``: why it is not ok."""

    status: str
    reason: str


class GridDensity(NamedTuple):
    """A model's log-density at each split, and at the grid of a known density: log q = tensor - log_z.

    ``at[split]: (N_split,)``, ``at["grid"]: (G,)``, float64, not normalised.
    """

    at: Mapping[str, Tensor]
    log_z: float
    log_z_stderr: float


class RunFiles:
    """The files that training and sampling wrote for the seeds of a job."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        run = read_object(folder / "run.json")
        cell, runs = run.get("cell"), run.get("runs")
        if not (isinstance(cell, dict) and set(cell) == set(AXES) and isinstance(runs, dict)):
            raise UserError(f"{folder / 'run.json'}: cell ({', '.join(AXES)}) and runs are needed")
        for axis, name in cell.items():
            if not (isinstance(name, str) and re.fullmatch(NAME, name)):
                raise UserError(f"{folder / 'run.json'}: cell.{axis} = {name!r}; allowed: text of the form {NAME}")
        for seed in runs:
            if not re.fullmatch("[0-9]+", seed):
                raise UserError(f"{folder / 'run.json'}: runs.{seed!r}; allowed: seeds (whole numbers, 0 or more)")
        self.cell, self._runs = Cell(**cell), runs
        self._sampled = read_object(folder / "sampling.json").get("runs", {})
        if not (isinstance(self._sampled, dict) and all(isinstance(of, dict) for of in self._sampled.values())):
            raise UserError(f"{folder / 'sampling.json'}: runs must be an object with seeds as keys")
        self._samples = read_tensors(folder / "samples.safetensors", optional=True)
        self._log_prob = read_tensors(folder / "log_prob.safetensors", optional=True)

    @property
    def seeds(self) -> list[str]:
        """The seeds of the job, as the files name them."""
        return list(self._runs)

    def trained(self, seed: str) -> RunOutcome:
        """Return the outcome of training for this seed."""
        return _outcome(self._runs[seed], f"{self._folder / 'run.json'}: runs.{seed}")

    def outcome(self, seed: str, part: str) -> RunOutcome:
        """Return the outcome of ``likelihood``, ``samples`` or ``model`` for this seed, from sampling.json."""
        return _outcome(self._part(seed, part), f"{self._folder / 'sampling.json'}: runs.{seed}.{part}")

    def tells(self, seed: str, part: str) -> bool:
        """Return whether sampling.json has an entry ``part`` for this seed."""
        return part in self._sampled.get(seed, {})

    def word(self, seed: str, part: str, key: str, allowed: Sequence[str] | None = None) -> str:
        """Return a text of an entry, one of ``allowed`` unless that is None; empty if the entry omits it."""
        value = self._part(seed, part).get(key) or ""
        if not isinstance(value, str) or (value and allowed is not None and value not in allowed):
            wanted = "allowed: text" if allowed is None else f"{allowed_names(value, allowed)}, or empty"
            raise UserError(f"{self.where(seed, part, key)} = {value!r}; {wanted}")
        return value

    def beta(self, seed: str) -> float:
        """Return the inverse temperature of the samples, above 0; 1 if their entry omits it."""
        value = self._part(seed, "samples").get("beta", 1.0)
        if not isinstance(value, int | float) or not 0 < value < math.inf:
            raise UserError(f"{self.where(seed, 'samples', 'beta')} = {value!r}; allowed: a number above 0")
        return float(value)

    def n_eff(self, seed: str, part: str) -> float:
        """Return the effective number of independent samples in ``part``, 0 or more."""
        value = self._part(seed, part).get("n_eff")
        if not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise UserError(f"{self.where(seed, part, 'n_eff')} = {value!r}; allowed: a number, 0 or more")
        return float(value)

    def steps(self, seed: str) -> int:
        """Return the number of steps of the sampler's chains, 0 if the entry omits it."""
        value = self._part(seed, "samples").get("steps", 0)
        if not isinstance(value, int) or value < 0:
            raise UserError(f"{self.where(seed, 'samples', 'steps')} = {value!r}; allowed: a whole number, 0 or more")
        return value

    def where(self, seed: str, part: str, key: str) -> str:
        """Return the location of ``key`` in an entry, for an error message."""
        return f"{self._folder / 'sampling.json'}: runs.{seed}.{part}.{key}"

    def draws(self, seed: str, part: str, dim: int) -> Tensor:
        """Return the ``(n, D)`` samples of the entry ``part`` (e.g. ``samples`` or ``model``), with D = ``dim``."""
        path, key = self._folder / "samples.safetensors", f"{seed}/{part}"
        draws = sized(path, self._samples, key, (None, dim))
        if len(draws) < 2:
            raise UserError(f"{path}: {key} has {len(draws)} rows; allowed: 2 or more")
        return draws

    def moved(self, seed: str, dim: int) -> Tensor | None:
        """Return the first test examples after one step of a kernel that leaves the model invariant, or None.

        Shape ``(n, D)`` with D = ``dim``.
        """
        key = f"{seed}/moved"
        if key not in self._samples:
            return None
        return sized(self._folder / "samples.safetensors", self._samples, key, (None, dim))

    def score(self, seed: str, shape: tuple[int, ...]) -> Tensor | None:
        """Return the gradient of the log-density at the test examples, ``(N_test, D)`` = ``shape``, or None."""
        key = f"{seed}/test_score"
        if key not in self._log_prob:
            return None
        return sized(self._folder / "log_prob.safetensors", self._log_prob, key, shape)

    def reconstruction(self, seed: str, shape: tuple[int, ...]) -> Tensor:
        """Return decoded latents of the first test examples, ``(n, D)``; ``shape`` is that of the whole test set."""
        path, key = self._folder / "samples.safetensors", f"{seed}/{RECONSTRUCTION}"
        found = sized(path, self._samples, key, (None, shape[1]))
        if not 2 <= len(found) <= shape[0]:
            raise UserError(f"{path}: {key} has {len(found)} rows; allowed: 2 to {shape[0]}")
        return found

    def joint_energy(self, seed: str, n: int) -> Tensor:
        """Return the joint energies of all test examples and their latents, ``(n,)``."""
        return sized(self._folder / "samples.safetensors", self._samples, f"{seed}/joint_energy", (n,))

    def density(self, seed: str, sizes: Mapping[str, int]) -> GridDensity:
        """Return log-densities at ``sizes[split]`` examples of each split (and at ``grid``), and log Z."""
        path, stored = self._folder / "log_prob.safetensors", self._log_prob
        at = {name: sized(path, stored, f"{seed}/{name}", (size,)).double() for name, size in sizes.items()}
        log_z, stderr = (float(sized(path, stored, f"{seed}/{name}", ())) for name in ("log_z", "log_z_stderr"))
        return GridDensity(at, log_z, stderr)

    def at_draws(self, seed: str, size: int) -> tuple[Tensor, Tensor] | None:
        """Return the model's log-density, not normalised, and the known one, at the model's ``size`` samples, or None.

        ``(size,)`` float64 each.
        """
        path, key = self._folder / "log_prob.safetensors", f"{seed}/model"
        if key not in self._log_prob:
            return None
        at, log_p = sized(path, self._log_prob, key, (2, size)).double()
        return at, log_p

    def _part(self, seed: str, part: str) -> Mapping[str, Any]:
        found = self._sampled.get(seed, {}).get(part)
        if not isinstance(found, dict):
            raise UserError(f"{self._folder / 'sampling.json'}: runs.{seed}.{part} is missing; run its sampling again")
        return found


def _outcome(entry: Mapping[str, Any], where: str) -> RunOutcome:
    if not isinstance(entry, dict) or "status" not in entry:
        raise UserError(f"{where}.status is missing; allowed: ok, diverged, timeout, failed, skipped")
    return RunOutcome(entry["status"], entry.get("reason") or "")
