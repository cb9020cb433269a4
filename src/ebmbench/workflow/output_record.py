"""Record of the files that a results folder was left with: what has since been deleted or edited is found by it.

Snakemake makes a missing file again only if something that it still has to make needs it, and takes an edited file for
a newer one. The record, ``.outputs.csv`` in the results folder, is written at the end of each invocation. A mark says
since when one is at work: after a kill, files that are newer than the mark may be that invocation's own. No torch.
"""

from __future__ import annotations

import csv
import hashlib
import math
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ebmbench.core.errors import UserError
from ebmbench.core.files import replacing, write_text

#: folders of a results folder that hold what jobs make; others, such as logs and other grids' results, are not recorded
FOLDERS = ("data", "extractors", "runs", "tables", "figures", "experiments")

#: states of unfinished training, which jobs write, read and delete
UNFINISHED = ".pt"

RECORD, MARK = ".outputs.csv", ".at_work"

#: number of edited files that the message names
NAMED = 3


class Output(NamedTuple):
    """Size in bytes, time of the last change in ns, and sha256 of a file."""

    size: int
    mtime: int
    sha256: str


class Changes(NamedTuple):
    """Recorded files that are ``missing``, and those whose content is another: ``edited``, by path."""

    missing: list[Path]
    edited: list[Path]


def read_record(results: Path) -> dict[str, Output]:
    """Read the record of a results folder; empty if there is none."""
    path = results / RECORD
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {name: Output(int(size), int(mtime), sha256) for name, size, mtime, sha256 in csv.reader(file)}


def changes(results: Path, record: Mapping[str, Output]) -> Changes:
    """Compare the files of a results folder with its record; content is read only where size or time differ."""
    since = _at_work_since(results)
    found = Changes([], [])
    for name, made in record.items():
        path = results / name
        try:
            stat = path.stat()
        except OSError:
            found.missing.append(path)
            continue
        same = (stat.st_size, stat.st_mtime_ns) == made[:2]
        if not same and stat.st_mtime < since and _output(path).sha256 != made.sha256:
            found.edited.append(path)
    return found


def refuse_edited(edited: Sequence[Path]) -> None:
    """Raise :class:`UserError` with one line if a file was edited: what follows from it would be its editor's."""
    if edited:
        more = f" and {len(edited) - NAMED} more" if len(edited) > NAMED else ""
        names = ", ".join(map(str, edited[:NAMED]))
        raise UserError(f"{names}{more}: changed since the workflow made it; delete it and run again to make it anew")


def begin(results: Path) -> None:
    """Mark a results folder as being worked on; a mark that a killed invocation left stays."""
    if not (results / MARK).is_file():
        write_text(results / MARK, f"{time.time()}\n")


def end(results: Path, record: Mapping[str, Output]) -> None:
    """Record what a results folder holds now, and take the mark away; what is missing keeps its entry in ``record``."""
    found = dict(record)
    for path in _files(results):
        name, stat = str(path.relative_to(results)), path.stat()
        before = record.get(name)
        if before is None or (stat.st_size, stat.st_mtime_ns) != before[:2]:
            found[name] = _output(path)
    with replacing(results / RECORD) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows((name, *output) for name, output in sorted(found.items()))
    with suppress(OSError):
        (results / MARK).unlink()


def _files(results: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for where, _, names in os.walk(results / folder):
            for name in names:
                if not name.startswith(".") and not name.endswith(UNFINISHED):
                    yield Path(where, name)


def _output(path: Path) -> Output:
    with path.open("rb") as file:
        stat = os.fstat(file.fileno())
        return Output(stat.st_size, stat.st_mtime_ns, hashlib.file_digest(file, "sha256").hexdigest())


def _at_work_since(results: Path) -> float:
    try:
        return float((results / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return math.inf
