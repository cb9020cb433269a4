"""Read data sets and trained models from the files of a job, and build untrained models of a cell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ebmbench.core import files, plugins
from ebmbench.core.cells import Cell
from ebmbench.core.seeds import generator
from ebmbench.data.interface import Dataset, KnownDensity, Splits
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.interface import Model, Normalised, TrainingData
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.models.statistics.sets import load_set


class BlockFile:
    """A data set and its file for a block of seeds."""

    def __init__(self, path: Path, dataset: Dataset) -> None:
        self.dataset = dataset
        self.tensors = files.read_rows(path)
        self.facts = files.read_json(path.with_suffix(".json"))

    def of(self, seed: int) -> TrainingData:
        """Return the training data of one seed."""
        rows = files.under(self.tensors, seed)
        log_det = float(self.facts["log_det"][str(seed)])
        return TrainingData(self.dataset, Splits(rows["train"], rows["val"], rows["test"], log_det))

    @property
    def grid(self) -> dict[str, Tensor]:
        """Return ``points`` and ``log_prob`` of the grid; empty if the density is not known."""
        return files.under(self.tensors, "grid")

    def known_rows(self, seed: int) -> dict[str, Tensor]:
        """Return ``points``, one seed's test examples, and their ``log_prob``; empty if the density is not known."""
        rows = files.under(self.tensors, seed)
        return {"points": rows["test"], "log_prob": rows["test_log_prob"]} if "test_log_prob" in rows else {}

    @property
    def density(self) -> KnownDensity | None:
        """Return the data set if its density is known and the file has no grid of it, else None."""
        return self.dataset if isinstance(self.dataset, KnownDensity) and not self.grid else None

    def leaves_out(self, seed: int) -> bool:
        """Return whether the test split of a seed has a class that is absent from the training data."""
        return "test_odd" in files.under(self.tensors, seed)

    @property
    def box(self) -> float | None:
        """Return the half-side of the square that contains the data of a known two-dimensional density, else None."""
        return self.dataset.box if isinstance(self.dataset, KnownDensity) else None


class BaseRun(NamedTuple):
    """A job whose trained models others build on: the settings of its family, and its runs and weights by seed."""

    family: Mapping[str, Any]
    runs: Mapping[str, Mapping[str, Any]]
    states: Mapping[str, Tensor]

    @classmethod
    def of(cls, folder: Path) -> BaseRun:
        """Read the files of ``folder``."""
        run = files.read_json(folder / "run.json")
        return cls(run["settings"]["family"], run["runs"], files.read_tensors(folder / "model.safetensors"))


def build(
    cell: Cell,
    settings: Mapping[str, Any],
    data: TrainingData,
    seed: int,
    device: torch.device,
    states: Mapping[str, Tensor] | None = None,
) -> Model:
    """Build an untrained model of ``cell``, which depends on the seed but not on the loss.

    ``settings["base"]``, if present, holds the family of the trained model that this one builds on, and ``states``
    its weights; without ``states`` they are random. Normalised models, which have no statistics of their own, are
    tilted by them.
    """
    if "base" in settings:
        base = plugins.load_entry("family", "base", settings["base"])
        made = base.build(data, NoStatistic(), generator("initialisation", cell.dataset, "base", seed))
        if states is not None:
            made.load_state_dict(files.under(states, seed))
        data = data._replace(base=made)
    family = plugins.load_entry("family", cell.family, settings["family"])
    statistic = load_set(settings["statistics"])
    model = family.build(data, statistic, generator("initialisation", cell.dataset, cell.family, seed))
    if settings["statistics"] and isinstance(model, Normalised):
        model = Tilted(model, None, statistic, data.splits.train)
    return model.to(device)


class TrainedJob(NamedTuple):
    """A job's trained models: its cell, settings, runs and weights by seed, and its data."""

    cell: Cell
    settings: Mapping[str, Any]
    runs: Mapping[str, Mapping[str, Any]]
    states: Mapping[str, Tensor]
    data: BlockFile

    @classmethod
    def of(cls, folder: Path, data_path: Path) -> TrainedJob:
        """Read the files of ``folder`` and the data set's file."""
        run = files.read_json(folder / "run.json")
        cell = Cell(**run["cell"])
        data = BlockFile(data_path, plugins.load_entry("dataset", cell.dataset, run["settings"]["dataset"]))
        return cls(cell, run["settings"], run["runs"], files.read_tensors(folder / "model.safetensors"), data)

    def model(self, seed: int, device: torch.device) -> Model:
        """Return the trained model of one seed, in evaluation mode and without gradients of its parameters."""
        model = build(self.cell, self.settings, self.data.of(seed), seed, device)
        model.load_state_dict(files.under(self.states, seed))
        return model.eval().requires_grad_(False)


def problem_of(model: Model, rows: TrainingData, box: float | None, device: torch.device) -> Problem | Model:
    """Return the normalisation problem: a refined base with training examples and box, else the model itself."""
    return Problem(model, rows.splits.train.to(device), box) if isinstance(model, Generalized) else model
