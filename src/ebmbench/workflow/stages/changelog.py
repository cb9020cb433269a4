"""Stage that adds the changes of a new committed run to the change log, before it replaces the old run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.core.files import write_text
from ebmbench.provenance.audit import fresh_run
from ebmbench.provenance.audit.finding import FAILED
from ebmbench.provenance.audit.tolerances import SeedTolerance

#: the heading of the entries, newest first
HEAD = "## Committed results\n"

#: largest number of changes that are listed one by one
SHOWN = 20


def write_changelog(tables: Path, committed: Path, log: Path, day: date) -> None:
    """Insert an entry into ``log`` for the run in ``tables``, which will replace the one in ``committed``.

    Raises :class:`UserError` for a log without the line :data:`HEAD`.
    """
    text = log.read_text(encoding="utf-8") if log.is_file() else ""
    if HEAD not in text:
        raise UserError(f"{log}: no line {HEAD.strip()!r}; allowed: one, followed by the entries")
    before, after = text.split(HEAD, 1)
    write_text(log, f"{before}{HEAD}\n{entry(tables, committed, day)}{after}")


def entry(tables: Path, committed: Path, day: date) -> str:
    """Return the entry: findings of an audit of the new run against the old one, or the size of a first run."""
    head = f"### {day.isoformat()}, {committed.name}\n\n"
    scores = read_typed(tables / "scores.csv")
    if not (committed / "scores.csv").is_file():
        return f"{head}* first run: {len(scores)} rows of {scores['run'].nunique()} runs\n"
    found = fresh_run.against(scores, read_typed(committed / "scores.csv"), SeedTolerance())
    found += fresh_run.data_digests(*(read_typed(folder / "runs.csv") for folder in (tables, committed)))
    checks = [f"* {of.check}: {of.detail}" for of in found if of.where == "all"]
    lines = [f"  * {of.line}" for of in found if of.where != "all" and of.outcome == FAILED]
    more = [f"  * and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return head + "\n".join([*checks, *lines[:SHOWN], *more]) + "\n"
