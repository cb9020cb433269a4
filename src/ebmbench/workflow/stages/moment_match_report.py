"""Stage that writes the moment-match report: moment_match.csv and moment_match.md."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from ebmbench.core.cells import Cell
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_csv, write_text
from ebmbench.reporting.comparison import moment_match_page, moment_match_report
from ebmbench.reporting.comparison.equivalence import MARGIN
from ebmbench.reporting.markdown import markdown

_VERDICTS = (
    f"Equivalence test with a margin of {MARGIN:g} standard deviations. D is the largest difference between the means "
    "of fresh model samples and of test rows over all linear combinations of a set's (smooth) statistics, in standard "
    "deviations; the estimate of D² has expectation 0 under equal means, and its mean over trainings one-sided 95 % "
    f"Student-t bounds. Matched: the upper bound is below {MARGIN:g}² = {MARGIN**2:g}. Not matched: the lower bound is "
    "above that, or a training failed. Floor: 95 % quantile of D² for a model with the means of the training rows. It "
    "is subtracted in the lower bound, to allow for the errors of training rows as well; where it is above "
    f"{MARGIN**2:g}, rows are too few to show a match, and the lower bound is that of the mean mismatch (below) less "
    "its floor, squared. Target sets are those that the method matches; the others are held out. The same test of the "
    "same network without statistics and of samples from the data is given next to each. Largest: largest difference "
    "of a single (un-smoothed) statistic."
)

_COUNTS = (
    "Numbers of combinations of data set and method that are matched / not matched / undecided, by set of statistics: "
    "of models that were given the set, others, or none, and of fresh samples from the data."
)

_MEASURES = (
    "Means over seeds; mean ± half the width of the 95 % Student-t interval. Mean: mean over the (smooth) statistics "
    "of |mean over samples - mean over test rows|, in test standard deviations. Floor: its 95 % quantile if the model "
    "has the means of the training rows. Hard: the same for the statistics without smoothing; above 2 errors: the "
    "fraction of these whose means differ by more than 2 standard errors; sampler: the declared sampler's samples; W1: "
    "mean Wasserstein distance of the statistics' distributions; head-room: likelihood gain from a tilt to the data's "
    "means; Stein, noise and back: residuals that score matching and energy discrepancy make 0; gain / gained: both "
    "sides of the gain identity for tilted models."
)


def write_moment_match_report(given: Mapping[Cell, Collection[str]], tables: Path) -> None:
    """Write both files from scores.csv and runs.csv in ``tables``; ``given``: the sets that each cell matches."""
    scores, runs = read_typed(tables / "scores.csv"), read_typed(tables / "runs.csv")
    found = moment_match_report.matches(scores, runs, given)
    pages = (
        markdown("Matched statistics", _VERDICTS, moment_match_page.verdicts(found)),
        markdown("Counts", _COUNTS, moment_match_page.counts(found)),
        markdown("Further measures", _MEASURES, moment_match_page.measures(found), keys=3),
    )
    write_csv(tables / "moment_match.csv", found)
    write_text(tables / "moment_match.md", "\n#".join(pages))
