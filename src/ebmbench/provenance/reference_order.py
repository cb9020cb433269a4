"""The order in which committed runs are looked at: what a reader knows best comes first."""

from __future__ import annotations

from pathlib import Path

from ebmbench.planning.reference_runs import SMOKE, grids, without_rung
from ebmbench.provenance import manifest

#: the default configuration, and the folder of the papers' configurations, relative to the checkout
CONFIG, PAPERS = "config/config.yaml", "config/papers/"


def ordered_runs(reference: Path) -> dict[str, str]:
    """Return the committed runs in ``reference`` with the configurations that they name, "" where none is recorded.

    In order: that of the default configuration, those of the papers, the others by name, the smoke run; of a grid's
    rungs the largest first.
    """
    found = {run: _configuration(reference / run) for run in (*grids(reference), SMOKE)}
    return dict(sorted(found.items(), key=lambda item: _rank(*item)))


def _configuration(folder: Path) -> str:
    return manifest.read_manifest(folder).configuration if (folder / manifest.NAME).is_file() else ""


def _rank(run: str, configuration: str) -> tuple[bool, bool, bool, str, int]:
    grid, rung = without_rung(run)
    return run == SMOKE, configuration != CONFIG, not configuration.startswith(PAPERS), grid, -rung
