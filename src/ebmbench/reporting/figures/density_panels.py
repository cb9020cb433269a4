"""Densities in the plane: the data's beside each method's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ebmbench.core.cells import Cell
from ebmbench.core.files import write_csv
from ebmbench.reporting.comparison.tables import method_label
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
    """Rows are data sets, columns the data and each method, by its first seed with a normalised density.

    Where the configuration names no cells, the trained methods without matched statistics: a tilt by moments is
    not seen in a density. A data set takes as many lines of at most :data:`ACROSS` panels as it needs, and a panel
    says so where the grid leaves a method out; sets without a grid are left out. A row has one colour scale, whose
    end is the data's largest density. A panel tells the mean over seeds of KL(data || model) in nats. ``title``
    stands above the panels.
    """

    title: str = ""

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Besides the figure and ``stem.csv`` (a row a panel) write ``stem_grid.csv``, the drawn densities."""
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
    lines = []
    for dataset, truth in truths.items():
        panels = [data_panel(dataset, truth)]
        for cell in (Cell(dataset, *method) for method in methods):
            title = heading(method_label(*cell[1:]))
            panels.append(panel(cell, folders.get(cell, []), exact)._replace(title=title))
        # one line a data set: the first line's titles are those of all
        if down == 1 and lines:
            panels = [one._replace(title="") for one in panels]
        lines += [
            DensityLine(dataset, truth, panels[start : start + across]) for start in range(0, len(panels), across)
        ]
    return lines


def heading(label: str) -> str:
    """A method's parts one below the other, those that are too wide for a panel broken after an underscore."""
    lines = [""]
    for part in label.split(" · "):
        for word in re.findall(r"[^_]*_|[^_]+", part):
            if len(lines[-1] + word.rstrip("_")) > WIDE:
                lines.append("")
            lines[-1] += word
        lines.append("")
    return "\n".join(lines[:-1])
