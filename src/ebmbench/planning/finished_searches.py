"""Searches that a table of finished ones already holds, so that they need not run again. Imports no torch."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping
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


def finished(table: str | Path | None) -> dict[tuple[Cell, int], str]:
    """Return the stages of searches in a ``tuning.csv``: (cell, rung) -> the digest of the settings that they had.

    ``table``: None for no file. Raises :class:`UserError` for a file that is missing or lacks a column of :data:`KEY`.
    """
    if table is None:
        return {}
    try:
        with Path(table).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in KEY if name not in (reader.fieldnames or [])]
            if missing:
                raise UserError(
                    f"config: search: {table}: columns missing: {', '.join(missing)}; allowed: a tuning.csv"
                )
            return {_stage(row): row["settings_digest"] for row in reader}
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"config: search: {table}: {reason}; allowed: the tuning.csv of a finished search") from error


def _stage(row: Mapping[str, str]) -> tuple[Cell, int]:
    return Cell(*(row[axis] for axis in AXES)), int(row["rung"])
