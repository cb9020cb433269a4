"""Stage that writes the moment-match report, on whether models match their statistics: matches.csv and matches.md."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from ebmbench.core.cells import Cell
from ebmbench.core.csv_schema import read_typed
from ebmbench.reporting.comparison import moment_match_report
from ebmbench.reporting.markdown_latex import write_both

_MATCHES = (
    "Mismatch: mean over the (smooth) statistics T of a set of |mean of T over fresh model samples - mean over test "
    "samples|, in test standard deviations; mean over seeds ± half the width of the 95 % Student-t interval. Floor: 95 "
    "% quantile of the mismatch if the model has the means of the training samples. Matched: yes, unless the number of "
    "seeds above the floor has probability .05 or less under a match. Target sets are those that the method matches; "
    "the others are held out. Hard: mismatch of the statistics without smoothing; sampler: mismatch of the declared "
    "sampler's samples; D²: squared Mahalanobis distance minus its expectation under a match; W1: mean Wasserstein "
    "distance of the statistics' distributions; head-room: likelihood gain from a tilt to the data's means; Stein, "
    "noise and back: residuals that score matching and energy discrepancy make 0; gain / gained: both sides of the "
    "gain identity for tilted models. All values are means over seeds."
)


def write_moment_match_report(given: Mapping[Cell, Collection[str]], tables: Path) -> None:
    """Write both files from scores.csv and runs.csv in ``tables``; ``given``: the sets that each cell matches."""
    scores, runs = read_typed(tables / "scores.csv"), read_typed(tables / "runs.csv")
    found = moment_match_report.matches(scores, runs, given)
    write_both(tables / "matches", found, "Matched statistics", _MATCHES, moment_match_report.moment_match_page(found))
