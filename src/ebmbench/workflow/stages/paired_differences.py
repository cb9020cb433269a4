"""Stage that compares all methods of each data set, paired by seed: paired_differences.csv and .md."""

from __future__ import annotations

from pathlib import Path

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_csv, write_text
from ebmbench.reporting.comparison.pairwise import DatasetComparisons, all_pairs, table
from ebmbench.reporting.comparison.pairwise_page import headline, section_caption, with_best_page
from ebmbench.reporting.comparison.ranking import LEVEL
from ebmbench.reporting.markdown import markdown

NAME = "paired_differences"

_ABOUT = (
    "Is a difference between two methods of a data set more than the noise of the seeds? All trained methods, by the "
    "metric that the data set's table is sorted by, for the model's own distribution; paired by seed. The tables show "
    f"the best method against every other; {NAME}.csv has all pairs. Best: the best mean over seeds among the methods "
    "with values on the most seeds. Worse than the best by: mean difference over the shared seeds ± half the width of "
    "its own 95 % Student-t interval, above 0 if the best is better. p: two-sided paired t-test; p (Holm): adjusted "
    "over all pairs of the data set that share two seeds or more. The verdict depends on the adjusted p alone, at "
    f"level {LEVEL}: if methods do not differ and values are normal, at most one data set of twenty has a verdict that "
    "a method is better. A pair may remain undecided although its interval excludes 0, because the interval is not "
    "adjusted. Not separated does not mean equal: few seeds separate only large differences. failed: seeds where only "
    "this method has no value; best failed: where only the best has none; both failed: where neither has one. A method "
    "that failed on a seed where the other did not is never better, whatever its other seeds show. Bold in a data "
    "set's own table answers another question, which methods may be the best: one-sided tests on the metric's scale, "
    "with a margin and with variances moderated over all methods. With few seeds it separates more than pairs do."
)


def write_paired_differences(scores: Path, out: Path) -> None:
    """Write both files from the table ``scores`` into ``out``; the page starts with one line per data set."""
    found = all_pairs(read_typed(scores))
    lines = [f"* [{of.dataset}](#{of.dataset}): {headline(of)}" for of in found]
    head = ["# Paired differences between methods", "", *(lines or ["None."]), "", _ABOUT, ""]
    write_csv(out / f"{NAME}.csv", table(found))
    write_text(out / f"{NAME}.md", "\n".join([*head, *(_section(of) for of in found)]))


def _section(of: DatasetComparisons) -> str:
    return f"#{markdown(of.dataset, section_caption(of), with_best_page(of))}"
