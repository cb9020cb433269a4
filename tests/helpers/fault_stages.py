"""The stages of one cell in this process, with the arguments that the workflow gives them."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from ebmbench.core.cells import data_file
from ebmbench.planning import config as configuration
from ebmbench.planning.statistic_sets import parts_of
from ebmbench.workflow.cli import main
from tests.helpers.project import ROOT

SCHEMAS = ROOT / "src/ebmbench/core/schemas"

#: settings that a stage is given
PARTS = {
    "train": ("dataset", "family", "loss", "stats", "statistics", "train"),
    "sample": ("sample", "sampler", "likelihood"),
}

ORDER = ("dataset", "train", "sample", "score_run", "collect")


def verb(*arguments: object) -> tuple[int, list[str]]:
    """Exit code and lines on standard error; what would be a traceback is raised."""
    reported = io.StringIO()
    called = patch.object(sys, "argv", ["ebmbench", "stage", *map(str, arguments)])
    with called, redirect_stderr(reported), redirect_stdout(io.StringIO()):
        code = main()
    return code, reported.getvalue().splitlines()


class Stages:
    """The stages of the one cell of ``config``, in the folder ``results``."""

    def __init__(self, results: Path, config: dict) -> None:
        self.config = configuration.check(config | {"results": str(results)}, SCHEMAS / "config.schema.yaml")
        grid = configuration.grid(self.config)
        (self.job,) = grid.jobs
        self.settings = grid.settings[self.job.cell]
        self.data = Path(data_file(str(results), self.job.cell.dataset, self.job.block))
        self.folder = Path(self.job.folder(str(results)))
        self.tables = results / "tables"

    def run(self, stage: str, **changed: object) -> tuple[int, list[str]]:
        """Exit code and lines of a stage; ``changed`` settings of training."""
        return verb(stage, *(word for name, value in self._options(stage, changed).items() for word in (name, value)))

    def make(self, *stages: str) -> None:
        """Run stages that must end well."""
        for stage in stages:
            code, lines = self.run(stage)
            assert code == 0, lines

    def finish(self, after: str = "") -> bytes:
        """The scores, from all stages, or from those ``after`` one."""
        self.make(*ORDER[ORDER.index(after) + 1 if after else 0 :])
        return (self.tables / "scores.csv").read_bytes()

    def _options(self, stage: str, changed: dict) -> dict[str, object]:
        cell, block = self.job.cell, self.job.block
        settings = {part: self.settings[part] for part in PARTS.get(stage, ())}
        if stage == "dataset":
            options = {"--name": cell.dataset, "--seeds": block, "--out": self.data.parent}
            return options | {"--settings": json.dumps(self.settings["dataset"])}
        if stage == "train":
            settings["train"] = settings["train"] | changed
            name = f"{cell.dataset}/{cell.family}-{cell.loss}-{cell.stats}"
            options = {"--cell": name, "--seeds": block, "--code": "code", "--out": self.folder}
            return options | {"--settings": json.dumps(settings), "--data": self.data, "--device": "cpu"}
        if stage == "sample":
            options = {"--run": self.folder, "--data": self.data, "--device": "cpu"}
            return options | {"--settings": json.dumps(settings)}
        if stage == "score_run":
            sets = {name: parts_of(name, self.config["sets"], "evaluate") for name in self.config["evaluate"]}
            return {"--run": self.folder, "--data": self.data, "--statistics": json.dumps(sets)}
        return {"--config": json.dumps(self.config), "--schemas": SCHEMAS, "--out": self.tables}
