"""Files that a job's results are made from, in the order of making, each with the log of what makes it. No torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ebmbench.core.cells import Job, data_file
from ebmbench.planning.config import Grid
from ebmbench.planning.rungs import stages_so_far
from ebmbench.planning.tuning import folder_of, log_of

#: what is said of a step that has not begun
WAITING = "it was not begun"


class Step(NamedTuple):
    """A file and the log of the rule that makes it."""

    file: Path
    log: Path

    @property
    def missing(self) -> bool:
        """Whether the file is missing."""
        return not self.file.is_file()

    @property
    def reason(self) -> str:
        """Last line of the log, which says why the file is missing."""
        lines = self.log.read_text(encoding="utf-8").split("\n") if self.log.is_file() else []
        return next((line for line in reversed(lines) if line.strip()), WAITING)


def steps(job: Job, plan: Grid, config: Mapping[str, Any]) -> Iterator[Step]:
    """Yield the steps from the data set to the scores of a job: with the search, the base and the run that it needs."""
    results = Path(config["results"])
    dataset, method, seeds = job.cell.dataset, job.cell.method, f"seeds{job.block}.log"

    def of_job(rule: str, name: str) -> Step:
        return Step(job.folder(results) / name, results / "logs" / rule / dataset / method / seeds)

    yield Step(data_file(results, dataset, job.block), results / "logs/data" / dataset / seeds)
    if job.cell in plan.spaces:
        for stage in stages_so_far(config):
            folder = folder_of(config, job.cell, stage.rung)
            yield Step(folder / "chosen.json", log_of(config, job.cell, stage.rung))
    for before in (plan.bases, plan.tilted):
        if job.cell in before:
            yield from steps(Job(before[job.cell], job.block), plan, config)
    yield of_job("tilt" if job.cell in plan.tilted else "train", "run.json")
    yield of_job("sample", "sampling.json")
    yield of_job("score", "scores.csv")
    for extractor in config["extractors"].get(dataset, {}):
        name = f"{dataset}-{extractor}"
        yield Step(results / "extractors" / f"{name}.json", results / "logs/extractors" / f"{name}.log")
    if dataset in config["extractors"]:
        yield of_job("image_scores", "image_scores.csv")
