"""Where a run's files lie in a results folder, from the folder of its method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ebmbench.core.cells import data_file, seeds_of
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.core.files import read_json
from ebmbench.workflow.library.whole_numbers import checked_seed

#: the form of a method's folder
_FORM = "a folder results/runs/DATASET/FAMILY-LOSS-STATS"


class RunFolder(NamedTuple):
    """A run of one seed: the folder of its block of seeds, and the data set's file for the same block."""

    folder: Path
    data: Path
    seed: int

    @classmethod
    def find(cls, method: Path, seed: int) -> RunFolder:
        """Return the run of ``seed`` in ``method``, a folder ``{results}/runs/{dataset}/{family}-{loss}-{stats}``.

        Raises :class:`UserError` if there is no such folder, seed, or file of the data set, and for a seed that is not
        a whole number from 0 on.
        """
        seed = checked_seed(seed)
        blocks = _blocks(method)
        if not blocks:
            raise UserError(f"{method}: no trained run; {allowed_names(method, _methods_near(method), _FORM)}")
        held = {of: path for path in blocks for of in seeds_of(path.name.removeprefix("seeds"))}
        if seed not in held:
            raise UserError(f"{method}: no seed {seed}; allowed: {_listed(held)}")
        folder = held[seed].resolve()
        results, dataset = folder.parents[3], folder.parents[1].name
        data = data_file(results, dataset, folder.name.removeprefix("seeds"))
        if not data.is_file():
            raise UserError(f"{data}: the data set's file is missing; the run that made {folder} wrote it there")
        return cls(folder, data, seed)

    def stage(self, name: str) -> Mapping[str, Any]:
        """Return the settings and the run's entry of ``run.json`` or ``sampling.json``.

        Raises :class:`UserError` if there is no such file.
        """
        path = self.folder / name
        if not path.is_file():
            raise UserError(f"{path}: the file is missing; finish the run with snakemake")
        content = read_json(path)
        return {"settings": content["settings"], **content["runs"].get(str(self.seed), {})}


def _blocks(method: Path) -> list[Path]:
    return sorted(path for path in method.glob("seeds*") if (path / "run.json").is_file())


def _methods_near(method: Path) -> list[Path]:
    """Return the folders with trained runs of the same data set or, without any, of all data sets of the results."""
    for pattern in (method.parent.glob("*"), method.parent.parent.glob("*/*")):
        found = sorted(folder for folder in pattern if _blocks(folder))
        if found:
            return found
    return []


def _listed(seeds: Iterable[int]) -> str:
    return ", ".join(str(seed) for seed in sorted(seeds))
