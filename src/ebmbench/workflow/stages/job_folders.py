"""Folders of a grid's jobs as the stages that read them see them: with the seeds of the configuration, no others."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from ebmbench.core.cells import Cell, Job, seeds_of
from ebmbench.core.files import read_json, write_csv, write_json

#: files of a job with an entry for each seed under ``runs``, and those with a column ``seed``
BY_SEED = ("run.json", "sampling.json")
TABLES = ("scores.csv", "statistics.csv", "curves.csv", "image_scores.csv")


@contextmanager
def job_folders(jobs: Iterable[Job], seeds: Mapping[Cell, int], results: str | Path) -> Iterator[list[Path]]:
    """Yield the folder of each job; for a job with more seeds than its cell has, a copy without the seeds beyond.

    A job keeps the seeds that were done when the number of ``seeds`` of its cell gets smaller. The copies last as long
    as the ``with`` block; their tensors are links.
    """
    with tempfile.TemporaryDirectory() as temporary:
        yield [
            job.folder(results)
            if seeds_of(job.block).stop <= seeds[job.cell]
            else _without(job.folder(results), seeds[job.cell], job.folder(temporary))
            for job in jobs
        ]


def _without(folder: Path, seeds: int, copy: Path) -> Path:
    """Write ``copy``, the job in ``folder`` without seeds from ``seeds`` on, and return it."""
    copy.mkdir(parents=True)
    for path in folder.iterdir():
        if path.name in BY_SEED:
            content = read_json(path)
            runs = {seed: run for seed, run in content["runs"].items() if int(seed) < seeds}
            write_json(copy / path.name, content | {"runs": runs})
        elif path.name in TABLES:
            table = pd.read_csv(path, dtype=str, keep_default_na=False)
            write_csv(copy / path.name, table[table["seed"].astype(int) < seeds])
        else:
            (copy / path.name).symlink_to(path.resolve())
    return copy
