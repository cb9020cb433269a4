"""Densities of 2D models over the settings of a loss."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ebmbench.core.cells import AXES
from ebmbench.core.files import write_csv
from ebmbench.reporting.figures.densities import (
    DensityLine,
    DensityPanel,
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
from ebmbench.reporting.figures.sweep import OverSettings, ParameterSweep, SweepPlace

__all__ = ["AblationPanels"]


@dataclass(frozen=True)
class AblationPanels(OverSettings):
    """The data's density next to those learnt with one loss: rows and columns are values of its settings.

    Panels and colours are those of :class:`ebmbench.reporting.figures.density_panels.DensityPanels`.
    """

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Write the figure, ``stem.csv`` (one row per panel) and ``stem_grid.csv`` (the drawn densities)."""
        found = self.sweep(inputs)
        lines = _lines(inputs, found)
        shown = listed(lines)
        settings = found.settings(shown[list(AXES)].to_numpy().tolist())
        with styled():
            save(sheet(lines, self.title), shown.join(settings), stem)
        write_csv(stem.with_name(f"{stem.name}_grid.csv"), drawn_densities(lines))


def _lines(inputs: Inputs, found: ParameterSweep) -> list[DensityLine]:
    """Return one line per row of each data set; the first line starts with the data's panel."""
    truths, exact, folders = truths_of(inputs.data_files), exact_kl(inputs.table("summary")), inputs.cells()
    lines: list[DensityLine] = []
    for dataset, truth in truths.items():
        first: DensityPanel | None = data_panel(dataset, truth)
        untitled = dict.fromkeys(found.columns, True)
        for row in found.rows:
            panels: list[DensityPanel | None] = []
            label = found.row_label(row)
            for column in found.columns:
                cell = found.cells.get(SweepPlace(dataset, row, column))
                if cell is None:
                    panels.append(None)
                    continue
                title = found.column_label(column) if untitled[column] else ""
                panels.append(panel(cell, folders[cell], exact)._replace(title=title, label=label))
                untitled[column], label = False, ""
            if any(panels):
                lines.append(DensityLine(dataset, truth, [first, *panels]))
                first = None
    return lines
