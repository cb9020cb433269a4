"""2D densities of the data and of each method."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ebmbench.core.cells import Cell
from ebmbench.core.files import write_csv
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.figures.densities import (
    DensityLine,
    data_panel,
    drawn_densities,
    exact_kl,
    listed,
    panel,
    sheet,
    truths_of,
)
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.style import save, styled

__all__ = ["DensityPanels"]

#: panels side by side, the data's included
ACROSS = 9

#: characters that fit above a panel
WIDE = 16


@dataclass(frozen=True)
class DensityPanels:
    """Rows are data sets; columns are the data and each method, by its first seed with a normalised density.

    If the configuration names no cells, the figure shows the trained methods without matched statistics, because a
    tilt by moments is invisible in a density. A data set takes as many lines of at most :data:`ACROSS` panels as it
    needs; a panel notes if the grid lacks the method; data sets without a grid are left out. A row has one colour
    scale, which ends at the data's largest density. A panel shows the mean over seeds of KL(data || model) in nats, and
    how many have none. ``title`` is shown above the panels.
    """

    title: str = ""

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Write the figure, ``stem.csv`` (one row per panel) and ``stem_grid.csv`` (the drawn densities)."""
        lines = _lines(inputs)
        with styled():
            save(sheet(lines, self.title), listed(lines), stem)
        write_csv(stem.with_name(f"{stem.name}_grid.csv"), drawn_densities(lines))


def _lines(inputs: Inputs) -> list[DensityLine]:
    truths, exact = truths_of(inputs.data_files), exact_kl(inputs.table("summary"))
    folders = {cell: found for cell, found in inputs.plain_cells().items() if cell.dataset in truths}
    methods = list(dict.fromkeys(cell[1:] for cell in folders))
    down = -(-(1 + len(methods)) // ACROSS)
    across = -(-(1 + len(methods)) // down)
    lines: list[DensityLine] = []
    for dataset, truth in truths.items():
        panels = [data_panel(dataset, truth)]
        for cell in (Cell(dataset, *method) for method in methods):
            title = heading(method_label(*cell[1:]))
            panels.append(panel(cell, folders.get(cell, []), exact)._replace(title=title))
        # with one line per data set, the titles of the first line hold for all
        if down == 1 and lines:
            panels = [one._replace(title="") for one in panels]
        lines += [
            DensityLine(dataset, truth, panels[start : start + across]) for start in range(0, len(panels), across)
        ]
    return lines


def heading(label: str) -> str:
    """Format a method's label with one part per line; parts too wide for a panel are broken after an underscore."""
    lines = [""]
    for part in label.split(" · "):
        for word in re.findall(r"[^_]*_|[^_]+", part):
            if len(lines[-1] + word.rstrip("_")) > WIDE:
                lines.append("")
            lines[-1] += word
        lines.append("")
    return "\n".join(lines[:-1])
