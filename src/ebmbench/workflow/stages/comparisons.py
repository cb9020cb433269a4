"""Stage that compares methods on runs of the same seed: each comparison as .csv and .md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ebmbench.core.csv_schema import read_typed
from ebmbench.planning.comparisons import GAP, PAIRS
from ebmbench.planning.config import Grid
from ebmbench.reporting.comparison import differences, energy_gain
from ebmbench.reporting.markdown import write_both

_PAIRED = (
    "paired by seed: mean difference ± half the width of the 95 % Student-t interval, above 0 if the method is better; "
    "better or worse if the interval excludes 0. All values are for samples and densities of the model itself. The csv "
    "also has both means, the difference in standard deviations over seeds, and bootstrap intervals, which are too "
    "narrow for so few seeds."
)


class Page(NamedTuple):
    """The title and the caption of a comparison."""

    title: str
    about: str


PAGES = {
    "effects": Page(
        "Effect of fixed statistics",
        f"The same network without statistics minus with statistics, {_PAIRED}",
    ),
    "over_ml": Page(
        "Losses compared with maximum likelihood",
        f"The same network trained by maximum likelihood minus trained by the method's loss, {_PAIRED}",
    ),
    "over_base": Page(
        "Effect of an energy on its base",
        "The base alone minus base with energy, where the base alone is the trained model that provided the base, or "
        f"the model's own base after training, {_PAIRED}",
    ),
    GAP: Page(
        "Fraction of the gap to a strong model that an energy closes",
        "Test negative log-likelihood, mean over the seeds where both the base and the base with energy have a value. "
        "Gain: base alone minus base with energy, paired by seed, mean difference ± half the width of the 95 % "
        "Student-t interval, above 0 if the energy helps; on unique rows: by the likelihood of the test rows without "
        "an exact copy in train, each once, for tables with repeated rows. Gap: base alone minus the strong model, "
        "{strong}, in the same way. Fraction closed: mean gain divided by mean gap with Fieller's 95 % interval, empty "
        "if the gap is indistinguishable from 0. Stopped at zero: seeds whose best model on the validation set is the "
        "one before the first step, with an energy of 0.",
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
    # both kinds of page name a row in four columns
    write_both(tables / name, found, PAGES[name].title, about, found if found.empty else of(found), keys=4)
