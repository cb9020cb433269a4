"""Stage that tests the claims on fixed statistics: statistics_claims.csv and statistics_claims.md."""

from __future__ import annotations

from pathlib import Path

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_csv, write_text
from ebmbench.reporting.claims import statistics_claims
from ebmbench.reporting.comparison.equivalence import MARGIN
from ebmbench.reporting.markdown import markdown

_ABOUT = (
    "Tests of three claims: fixed statistics are matched, they improve the fit, and they improve generation, for the "
    "same network with and without them. Matched: held if all target sets are matched in moment_match.md, not held if "
    "one is not matched there, undecided otherwise; in parentheses the largest D over the sets (matched below "
    f"{MARGIN:g} sd), its one-sided 95 % bounds, and the number of trainings that failed. Fit and "
    "generation: differences paired "
    "by seed ± half the width of the 95 % Student-t interval of that comparison alone, above 0 if statistics help; for "
    "generation in standard deviations over the seeds without statistics. Held or not held if a paired t-test over "
    "trainings rejects no difference at .05 after Holm's correction for all comparisons on this page; never held where "
    "a training with statistics failed. The paper's settings are not known: the claims are those of its abstract, the "
    "settings are ours."
)

_COUNTED = (
    "Number of combinations in which each claim is held, by entry of the statistics' axis; not: number in which it is "
    "not held; the others are undecided."
)


def write_statistics_claims(tables: Path) -> None:
    """Write both files from moment_match.csv and effects.csv in ``tables``."""
    found = statistics_claims.claims(read_typed(tables / "moment_match.csv"), read_typed(tables / "effects.csv"))
    by_arm = markdown("Number of combinations of data set and loss", _COUNTED, statistics_claims.counts(found))
    each = markdown("Claims about fixed statistics", _ABOUT, statistics_claims.statistics_claims_page(found))
    write_csv(tables / "statistics_claims.csv", found)
    write_text(tables / "statistics_claims.md", f"{each}\n#{by_arm}")
