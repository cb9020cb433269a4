"""The static page of committed results: template, style, scripts, and the files that it embeds. Imports no torch."""

from __future__ import annotations

from pathlib import Path

from ebmbench.core.errors import UserError
from ebmbench.planning.reference_runs import grids
from ebmbench.provenance import manifest

TEMPLATES = Path(__file__).parent

#: embedded files of each committed run
FILES = ("summary.csv", "scores.csv", "runs.csv", manifest.NAME)


def carried(results: Path) -> list[str]:
    """Return the files to embed, as paths below ``results``; raises :class:`UserError` if one is missing."""
    found = [f"reference/{grid}/{name}" for grid in grids(results / "reference") for name in FILES]
    found.append("reference/claims/claims.csv")
    found += sorted(f"published/{path.name}" for path in (results / "published").glob("*.csv"))
    missing = [name for name in found if not (results / name).is_file()]
    if missing:
        raise UserError(f"{results / missing[0]}: the file is missing")
    return found
