"""Stage that writes the moment-match report, on whether models match their statistics: matches.csv and matches.md."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from ebmbench.core.cells import Cell
from ebmbench.core.csv_schema import read_typed
from ebmbench.reporting.comparison import moment_match_report
from ebmbench.reporting.markdown_latex import write_both

_MATCHES = (
    "Mean |mean of T over fresh draws - over test rows| in test sd, over the statistics T of a set as models are given "
    "them: mean over seeds ± half the width of the 95 % Student-t interval. The floor is what it stays below in 19 of "
    "20 cases if the model has the train rows' means; matched: yes unless so many seeds are above it that the chance "
    "of that is .05 or less. Targets are the sets that a method was given, held out the others. Hard: of un-smoothed "
    "statistics; sampler: of the declared sampler's draws; D²: squared Mahalanobis distance less its expectation under "
    "a match; W1: mean Wasserstein distance of the statistics' own laws; head-room: what likelihood would gain from a "
    "tilt to the data's means; Stein, noise and back: what score matching and energy discrepancy make 0; gain / "
    "gained: both sides of the gain identity of models that were settled. All are means over seeds."
)


def write_moment_match_report(given: Mapping[Cell, Collection[str]], tables: Path) -> None:
    """Write both files from scores.csv and runs.csv in ``tables``; ``given``: the sets that each cell matches."""
    scores, runs = read_typed(tables / "scores.csv"), read_typed(tables / "runs.csv")
    found = moment_match_report.matches(scores, runs, given)
    write_both(tables / "matches", found, "Matched statistics", _MATCHES, moment_match_report.moment_match_page(found))
