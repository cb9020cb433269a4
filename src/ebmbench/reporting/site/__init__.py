"""The static page of committed results: its markup, looks and scripts, and the files that it carries. No torch."""

from __future__ import annotations

from pathlib import Path

from ebmbench.core.errors import UserError
from ebmbench.planning.reference_runs import grids
from ebmbench.provenance import manifest

TEMPLATES = Path(__file__).parent

#: of each committed run
FILES = ("summary.csv", "scores.csv", "runs.csv", manifest.NAME)


def carried(results: Path) -> list[str]:
    """The files that the page carries, by path below ``results``."""
    found = [f"reference/{grid}/{name}" for grid in grids(results / "reference") for name in FILES]
    found.append("reference/claims/claims.csv")
    found += sorted(f"published/{path.name}" for path in (results / "published").glob("*.csv"))
    missing = [name for name in found if not (results / name).is_file()]
    if missing:
        raise UserError(f"{results / missing[0]}: the file is missing")
    return found
