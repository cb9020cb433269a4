"""Stage that writes the static page of committed results: one self-contained file."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_text
from ebmbench.planning.reference_runs import grids
from ebmbench.reporting.figures.style import look
from ebmbench.reporting.site import TEMPLATES, carried
from ebmbench.reporting.site.overview import DIFFERENCES, FACTORS, overview

#: scripts in the order of their dependencies
SCRIPTS = ("data.js", "table.js", "overview.js", "main.js")


def write_site(results: Path, out: Path) -> None:
    """Write the page ``out`` from the committed tables of ``results``, below ``reference`` and ``published``.

    The page holds the compressed csv files, and distances that are computed from them. Raises :class:`UserError` for a
    missing file.
    """
    files = carried(results)
    tables = "\n".join(_packed(results / name, name) for name in files)
    parts = {
        "style": _template("page.css"),
        "script": "\n".join(_template(name) for name in SCRIPTS),
        "colours": json.dumps(_colours(results), sort_keys=True),
        "pictures": json.dumps(overview(results), allow_nan=False),
        "ends": json.dumps({"factors": FACTORS, "differences": DIFFERENCES}),
        "tables": tables,
    }
    page = _template("page.html")
    for name, text in parts.items():
        page = page.replace(f"{{{{{name}}}}}", text)
    write_text(out, page)


def _template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _packed(path: Path, name: str) -> str:
    # no time stamp, so that the same files make the same page
    packed = base64.b64encode(gzip.compress(path.read_bytes(), mtime=0)).decode()
    return f'<script type="text/plain" data-file="{name}">{packed}</script>'


def _colours(results: Path) -> dict[str, str]:
    """Return each method's colour, as in all figures."""
    found: dict[str, str] = {}
    for grid in grids(results / "reference"):
        cells = read_typed(results / f"reference/{grid}/runs.csv")[list(AXES)].drop_duplicates()
        for cell in (Cell(*row) for row in cells.itertuples(index=False)):
            found[cell.method] = look(cell.family, cell.loss, cell.stats).colour
    return found
