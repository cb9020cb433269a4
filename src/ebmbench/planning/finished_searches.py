"""Searches that tables of finished ones already hold, so that they need not run again. Imports no torch."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.errors import UserError

#: columns that say which stage of which search a row belongs to
KEY = (*AXES, "rung", "settings_digest")


def settings_digest(settings: Mapping[str, Any]) -> str:
    """Return a digest of all settings that a stage of a search depends on, the same for equal settings.

    ``settings``: the cell's overrides by axis and stage, and ``tuning`` with the stage's space, trials, seeds and rung.
    """
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


def finished(tables: str | Sequence[str] | None) -> dict[tuple[Cell, int], dict[str, str]]:
    """Return the stages of searches in files such as ``tuning.csv``: (cell, rung) -> digest of settings -> file.

    ``tables``: the configuration's ``search``, a file, several, or None. The first file that has a stage with the same
    settings is the one named. Raises :class:`UserError` for a file that is missing or lacks a column of :data:`KEY`.
    """
    found: dict[tuple[Cell, int], dict[str, str]] = {}
    for table in [tables] if isinstance(tables, str) else tables or []:
        for stage, digest in _stages(table):
            found.setdefault(stage, {}).setdefault(digest, table)
    return found


def _stages(table: str) -> Iterator[tuple[tuple[Cell, int], str]]:
    """Yield the stage of each row and the digest of the settings it had."""
    try:
        with Path(table).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in KEY if name not in (reader.fieldnames or [])]
            if missing:
                raise UserError(
                    f"config: search: {table}: columns missing: {', '.join(missing)}; allowed: a tuning.csv"
                )
            for row in reader:
                yield (Cell(*(row[axis] for axis in AXES)), int(row["rung"])), row["settings_digest"]
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"config: search: {table}: {reason}; allowed: the tuning.csv of a finished search") from error
