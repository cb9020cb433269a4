"""Stage that tests the claims on fixed statistics: statistics_claims.csv and statistics_claims.md."""

from __future__ import annotations

from pathlib import Path

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_csv, write_text
from ebmbench.reporting.claims import statistics_claims
from ebmbench.reporting.markdown_latex import markdown

_ABOUT = (
    "That fixed statistics are matched, improve the fit and improve generation, the same network with them against "
    "without. Matched: fresh draws of the model have the test rows' means of all statistics that it was given, at or "
    "below the floor, by the test of matches.md; beside it the largest ratio of mismatch to floor. Fit and "
    "generation: differences paired by seed ± half the width of the 95 % Student-t interval, above 0 where statistics "
    "help, those of generation in standard deviations over the seeds without statistics; held or not held where the "
    "interval leaves out 0. The paper's own settings are not known: these are claims of its abstract, tested on ours."
)

_COUNTED = (
    "By entry of the statistics' axis: held in so many of all; not: so many in which the interval says the contrary."
)


def write_statistics_claims(tables: Path) -> None:
    """Write both files from matches.csv and effects.csv in ``tables``."""
    found = statistics_claims.claims(read_typed(tables / "matches.csv"), read_typed(tables / "effects.csv"))
    by_arm = markdown("In how many combinations of data set and loss", _COUNTED, statistics_claims.counts(found))
    each = markdown("What fixed statistics are claimed to do", _ABOUT, statistics_claims.statistics_claims_page(found))
    write_csv(tables / "statistics_claims.csv", found)
    write_text(tables / "statistics_claims.md", f"{each}\n#{by_arm}")
