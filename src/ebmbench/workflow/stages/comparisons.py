"""Stage that compares methods on runs of the same seed: each comparison as .csv and .md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ebmbench.core.csv_schema import read_typed
from ebmbench.planning.comparisons import GAP, PAIRS
from ebmbench.planning.config import Grid
from ebmbench.reporting.comparison import differences, energy_gain
from ebmbench.reporting.markdown_latex import write_both

_PAIRED = (
    "paired by seed: mean difference ± half the width of the 95 % Student-t interval, above 0 where the method is "
    "better; better or worse where the interval leaves out 0. Of draws and densities of the model's own law. The csv "
    "also has both means, the difference in standard deviations over seeds, and bootstrap intervals, which with so few "
    "seeds are too narrow."
)


class Page(NamedTuple):
    """The title and the caption of a comparison."""

    title: str
    about: str


PAGES = {
    "effects": Page(
        "What fixed statistics change",
        f"The same network without statistics less with them, {_PAIRED}",
    ),
    "over_ml": Page(
        "Losses against maximum likelihood",
        f"The same network trained by maximum likelihood less by the method's loss, {_PAIRED}",
    ),
    "over_base": Page(
        "What an energy adds to its base",
        "The base alone less base and energy together: the trained model that the base was taken from, or the model's "
        f"own base as it is in the end, {_PAIRED}",
    ),
    GAP: Page(
        "How much of the gap to a strong model an energy closes",
        "Test negative log-likelihood, mean over the seeds at which base and energy have one. Gain: of base and energy "
        "over the base alone, paired by seed, mean difference ± half the width of the 95 % Student-t interval, above 0 "
        "where the energy helps. Gap: the base alone less the strong model, {strong}, likewise. Share closed: mean "
        "gain over mean gap with Fieller's 95 % interval, empty where the gap cannot be told from 0. Stopped at zero: "
        "seeds whose best model by the validation rows is the one before the first step, an energy of 0.",
    ),
}


def write_comparison(name: str, grid: Grid, config: Mapping[str, Any], tables: Path) -> None:
    """Write the comparison ``name`` from scores.csv and runs.csv in ``tables``."""
    scores, runs = read_typed(tables / "scores.csv"), read_typed(tables / "runs.csv")
    if name == GAP:
        found = energy_gain.fractions_closed(scores, runs, grid.bases, config["gap_to"])
        of = energy_gain.gap_closed_page
    else:
        found, of = differences.differences(scores, PAIRS[name](grid)), differences.differences_page
    about = PAGES[name].about.format(strong=config["gap_to"])
    write_both(tables / name, found, PAGES[name].title, about, found if found.empty else of(found))
