"""Record of the files that a results folder was left with: what has since been deleted or edited is found by it.

Snakemake makes a missing file again only if something that it still has to make needs it, and takes an edited file for
a newer one. The record, ``.outputs.csv`` in the results folder, is written at the end of each invocation. A mark says
since when one is at work: after a kill, files that are newer than the mark may be that invocation's own. No torch.
"""

from __future__ import annotations

import csv
import math
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ebmbench.core.errors import UserError
from ebmbench.core.files import replacing, write_text
from ebmbench.core.local_files import LocalFile, observe
from ebmbench.core.name_lists import first_names

#: folders of a results folder that hold what jobs make; others, such as logs and other grids' results, are not recorded
FOLDERS = ("data", "extractors", "runs", "tables", "figures", "experiments")

#: states of unfinished training, which jobs write, read and delete
UNFINISHED = ".pt"

RECORD, MARK = ".outputs.csv", ".at_work"


class Changes(NamedTuple):
    """Recorded files that are ``missing``, and those whose content is another: ``edited``, by path."""

    missing: list[Path]
    edited: list[Path]


def read_record(results: Path) -> dict[str, LocalFile]:
    """Read the record of a results folder, by path below it; empty if there is none."""
    path = results / RECORD
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {
            name: LocalFile(str(results / name), sha256, int(size), int(mtime_ns))
            for name, sha256, size, mtime_ns in csv.reader(file)
        }


def changes(record: Mapping[str, LocalFile], results: Path) -> Changes:
    """Compare the files of a results folder with its record."""
    since = _at_work_since(results)
    found = Changes([], [])
    for made in record.values():
        path, now = Path(made.path), made.present_digest()
        if now is None:
            found.missing.append(path)
        elif now != made.sha256 and path.stat().st_mtime < since:
            found.edited.append(path)
    return found


def refuse_edited(edited: Sequence[Path]) -> None:
    """Raise :class:`UserError` with one line if a file was edited: what follows from it would be its editor's."""
    if edited:
        changed = "changed since the workflow made it; delete it and run again to make it anew"
        raise UserError(f"{first_names(edited)}: {changed}")


def begin(results: Path) -> None:
    """Mark a results folder as being worked on; a mark that a killed invocation left stays."""
    if not (results / MARK).is_file():
        write_text(results / MARK, f"{time.time()}\n")


def end(results: Path, record: Mapping[str, LocalFile]) -> None:
    """Record what a results folder holds now, and take the mark away; what is missing keeps its entry in ``record``."""
    found = dict(record)
    for path in _files(results):
        name, status = str(path.relative_to(results)), path.stat()
        before = record.get(name)
        if before is None or (status.st_size, status.st_mtime_ns) != (before.size, before.mtime_ns):
            found[name] = observe(path)
    with replacing(results / RECORD) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows((name, *found[name][1:]) for name in sorted(found))
    with suppress(OSError):
        (results / MARK).unlink()


def _files(results: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for where, _, names in os.walk(results / folder):
            for name in names:
                if not name.startswith(".") and not name.endswith(UNFINISHED):
                    yield Path(where, name)


def _at_work_since(results: Path) -> float:
    try:
        return float((results / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return math.inf
