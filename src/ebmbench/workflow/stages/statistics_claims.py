"""Stage that tests the claims on fixed statistics: statistics_claims.csv and statistics_claims.md."""

from __future__ import annotations

from pathlib import Path

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_csv, write_text
from ebmbench.reporting.claims import statistics_claims
from ebmbench.reporting.markdown_latex import markdown

_ABOUT = (
    "Tests of three claims: fixed statistics are matched, they improve the fit, and they improve generation, for the "
    "same network with and without them. Matched: fresh model samples have the test means of all target statistics, at "
    "or below the floor, by the test in matches.md; the number is the largest ratio of mismatch to floor. Fit and "
    "generation: differences paired by seed ± half the width of the 95 % Student-t interval, above 0 if statistics "
    "help; for generation in standard deviations over the seeds without statistics. Held or not held if the interval "
    "excludes 0. The paper's settings are not known: the claims are those of its abstract, the settings are ours."
)

_COUNTED = (
    "Number of combinations in which each claim is held, by entry of the statistics' axis; not: number in which the "
    "interval contradicts the claim."
)


def write_statistics_claims(tables: Path) -> None:
    """Write both files from matches.csv and effects.csv in ``tables``."""
    found = statistics_claims.claims(read_typed(tables / "matches.csv"), read_typed(tables / "effects.csv"))
    by_arm = markdown("Number of combinations of data set and loss", _COUNTED, statistics_claims.counts(found))
    each = markdown("Claims about fixed statistics", _ABOUT, statistics_claims.statistics_claims_page(found))
    write_csv(tables / "statistics_claims.csv", found)
    write_text(tables / "statistics_claims.md", f"{each}\n#{by_arm}")
