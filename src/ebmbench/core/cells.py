"""Grid cells and seed blocks, with their names and paths. Imports no torch."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from ebmbench.core.errors import UserError

AXES = ("dataset", "family", "loss", "stats")

#: pattern of a name on an axis; ``-`` is reserved as the separator between names
NAME = r"[a-z0-9_]+"
BLOCK = r"\d+-\d+"


class Cell(NamedTuple):
    """One combination of the grid's axes."""

    dataset: str
    family: str
    loss: str
    stats: str

    @property
    def method(self) -> str:
        """Return ``family-loss-stats``, the name of the method and of its folder."""
        return f"{self.family}-{self.loss}-{self.stats}"

    def run(self, seed: int) -> str:
        """Return the identifier of a run in every table, e.g. ``moons/ebm-ed-none/s0``."""
        return f"{self.dataset}/{self.method}/s{seed}"


class Job(NamedTuple):
    """A cell and a block of seeds, which one process runs one after the other."""

    cell: Cell
    block: str

    def folder(self, results: str | Path) -> Path:
        """Return ``results/runs/{dataset}/{family}-{loss}-{stats}/seeds{block}``."""
        return Path(results) / "runs" / self.cell.dataset / self.cell.method / f"seeds{self.block}"


def parse_cell(text: str) -> Cell:
    """Parse ``dataset/family-loss-stats`` into a :class:`Cell`; raise :class:`UserError` for anything else."""
    match = re.fullmatch(rf"({NAME})/({NAME})-({NAME})-({NAME})", text)
    if match is None:
        raise UserError(f"cell {text!r} is not of the form dataset/family-loss-stats")
    return Cell(*match.groups())


def seeds_of(block: str) -> range:
    """Return the seeds of a block: ``0-4`` is 0, 1, 2, 3, 4; raise :class:`UserError` for anything else."""
    match = re.fullmatch(r"(\d+)-(\d+)", block)
    if match is None or int(match[1]) > int(match[2]):
        raise UserError(f"seeds {block!r} is not a block such as 0-4")
    return range(int(match[1]), int(match[2]) + 1)


def data_file(results: str | Path, dataset: str, block: str) -> Path:
    """Return the path of the data set's file for a block of seeds."""
    return Path(results) / "data" / dataset / f"seeds{block}.safetensors"
