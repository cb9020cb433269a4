"""The whole choice: a first run, searches and a longer run if the time allows, and the recommendation."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ebmbench.core import plugins
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.core.files import write_text
from ebmbench.data.interface import Dataset
from ebmbench.reporting.recommendation import Recommendation, ShorterRun, recommend
from ebmbench.workflow.choose.grid_file import Size, dataset_name, grid_text
from ebmbench.workflow.choose.settings import check_free, with_option
from ebmbench.workflow.choose.stages import Call, Say, clock, run_stage
from ebmbench.workflow.choose.time_plan import FIRST, LEAST_MINUTES, Pilot, longer_run
from ebmbench.workflow.snakemake_call import checkout, snakemake_command


class Table(NamedTuple):
    """A table to choose a method for: the name and settings of its data set, and its number of columns."""

    name: str
    settings: Mapping[str, Any]
    columns: int

    @classmethod
    def of(cls, path: Path, settings: Mapping[str, Any]) -> Table:
        """Read the table in the file ``path`` with ``settings`` of the data set kind ``table``.

        Raises :class:`UserError` with one line for a file that cannot be used.
        """
        check_free(settings)
        own = {"kind": "table", "path": str(path.absolute()), **settings}
        try:
            dataset: Dataset = plugins.load_entry("dataset", dataset_name(path), own)
            dataset.check_source()
            return cls(dataset_name(path), own, dataset.dim)
        except UserError as error:
            raise UserError(with_option(str(error))) from error


class Choosing:
    """Runs the choice for a table into the folder ``out`` of a checkout ``root``."""

    def __init__(self, table: Table, out: Path, root: Path, minutes: float, cores: int | None, say: Say) -> None:
        # written so that nan is refused as well
        if not LEAST_MINUTES <= minutes < math.inf:
            raise UserError(f"--minutes {minutes:g}; allowed: {LEAST_MINUTES:g} or more, and finite")
        self._table, self._out, self._root, self._cores, self._say = table, out.absolute(), checkout(root), cores, say
        self._deadline = time.monotonic() + 60 * minutes
        self.configfile = self._out / "grid.yaml"

    def run(self) -> Recommendation:
        """Run everything and return the recommendation, which is also written to ``recommendation.md``."""
        first = self._out / "first"
        seconds = self._stage("first run", self._out / "first.yaml", first, FIRST)
        size = longer_run(self._pilot(first, seconds), self._deadline - time.monotonic())
        results, before = first, None
        if size != FIRST:
            multiple = size.steps // FIRST.steps
            self._say(f"longer run: {multiple} times the steps, {size.trials} trials of settings per trained method")
            results, before = self._out / "final", ShorterRun(first, multiple)
            self._stage("longer run", self.configfile, results, size)
        found = recommend(self._table.name, results, before)
        write_text(self._out / "recommendation.md", found.page)
        self._say(f"done, with {clock(self._deadline - time.monotonic())} of the time left")
        return found

    def _stage(self, title: str, configfile: Path, results: Path, size: Size) -> float:
        """Write the configuration of a run, run it and return its wall time in seconds."""
        write_text(configfile, grid_text(*self._table, results, size))
        cores = ["--cores", "all" if self._cores is None else str(self._cores)]
        words = [*snakemake_command([], configfile, self._root, {}), *cores]
        return run_stage(Call(title, words, self._root), self._out / "log.txt", self._deadline, self._say)

    def _pilot(self, first: Path, seconds: float) -> Pilot:
        """Return the time of the first run and the part of its jobs' time that trained flows and energies."""
        runs = read_typed(first / "tables/runs.csv")
        parts = [name for name in ("train.seconds", "train.checkpoint_seconds", "sampling.seconds") if name in runs]
        trained = runs.loc[runs["family"].isin(["flow", "ebm"]), "train.seconds"].astype(float).sum()
        spent = runs[parts].astype(float).sum().sum()
        return Pilot(seconds, float(trained / spent) if spent > 0 else 0.0, runs["seed"].nunique())
