"""What the training and the sampling stage share: a seed's rows and an untrained model of a cell."""

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
    """The data set's file for a block of seeds, and the data set itself."""

    def __init__(self, path: Path, dataset: Dataset) -> None:
        self.dataset = dataset
        self.tensors = files.read_rows(path)
        self.facts = files.read_json(path.with_suffix(".json"))

    def of(self, seed: int) -> TrainingData:
        """The rows of one seed."""
        rows = files.under(self.tensors, seed)
        log_det = float(self.facts["log_det"][str(seed)])
        return TrainingData(self.dataset, Splits(rows["train"], rows["val"], rows["test"], log_det))

    @property
    def grid(self) -> dict[str, Tensor]:
        """``points`` and ``log_prob`` of the grid; empty where the density is not known."""
        return files.under(self.tensors, "grid")

    def known_rows(self, seed: int) -> dict[str, Tensor]:
        """``points``, the test rows of one seed, and their ``log_prob``; empty where the density is not known."""
        rows = files.under(self.tensors, seed)
        return {"points": rows["test"], "log_prob": rows["test_log_prob"]} if "test_log_prob" in rows else {}

    def leaves_out(self, seed: int) -> bool:
        """Whether the test rows of a seed have a class that is not among the others."""
        return "test_odd" in files.under(self.tensors, seed)

    @property
    def box(self) -> float | None:
        """Half-side of the square that holds a two-dimensional set of known density."""
        return self.dataset.box if isinstance(self.dataset, KnownDensity) else None


class BaseRun(NamedTuple):
    """A job whose trained models others build on: the settings of its family, its runs and weights, by seed."""

    family: Mapping[str, Any]
    runs: Mapping[str, Mapping[str, Any]]
    states: Mapping[str, Tensor]

    @classmethod
    def of(cls, folder: Path) -> BaseRun:
        """From the files of ``folder``."""
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
    """An untrained model of ``cell``: the same for the same seed, whatever the loss.

    ``settings["base"]``, where it is there, holds the family of the trained model that this one builds on, and
    ``states`` its weights; without them they are as at random. Families that know no statistics are tilted by them.
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
    """A job's trained models: its cell, settings, runs and weights, by seed, and the rows of its data set."""

    cell: Cell
    settings: Mapping[str, Any]
    runs: Mapping[str, Mapping[str, Any]]
    states: Mapping[str, Tensor]
    data: BlockFile

    @classmethod
    def of(cls, folder: Path, data_path: Path) -> TrainedJob:
        """From the files of ``folder`` and the data set's file."""
        run = files.read_json(folder / "run.json")
        cell = Cell(**run["cell"])
        data = BlockFile(data_path, plugins.load_entry("dataset", cell.dataset, run["settings"]["dataset"]))
        return cls(cell, run["settings"], run["runs"], files.read_tensors(folder / "model.safetensors"), data)

    def model(self, seed: int, device: torch.device) -> Model:
        """The trained model of one seed, to be evaluated only."""
        model = build(self.cell, self.settings, self.data.of(seed), seed, device)
        model.load_state_dict(files.under(self.states, seed))
        return model.eval().requires_grad_(False)


def problem_of(model: Model, rows: TrainingData, box: float | None, device: torch.device) -> Problem | Model:
    """What there is to normalise: a refined base with its train rows and the data's box, else the model itself."""
    return Problem(model, rows.splits.train.to(device), box) if isinstance(model, Generalized) else model
