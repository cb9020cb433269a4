"""Stage that ranks methods across data sets: ranks.csv, rank_pairs.csv, ranks.md, critical-difference diagram."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_csv, write_text
from ebmbench.reporting.comparison.ranking import LEAST, PAIRS, RANKED, SUMMARY, Block, blocks, least_p, pairs, summary
from ebmbench.reporting.comparison.tables import method_label
from ebmbench.reporting.figures import critical_difference
from ebmbench.reporting.markdown_latex import markdown

_ABOUT = (
    "Each metric uses the largest group of data sets on which the same trained methods all ran: the largest that is "
    "big enough for a test and, if different, the largest of all. A method's value on a data set is the median over "
    "its seeds, where a run without a value ranks last. Rank 1 is best; ties have the mean of their ranks. best: data "
    "sets on which the method is first; no result: data sets on which half of its seeds or more have no value."
)


def write_ranks(scores: Path, out: Path) -> None:
    """Write all four files from the table ``scores``."""
    table = read_typed(scores)
    of_metrics = [blocks(table, *name) for name in RANKED]
    found = [of for several in of_metrics for of in several]
    write_csv(out / "ranks.csv", _joined([summary(of) for of in found], SUMMARY))
    write_csv(out / "rank_pairs.csv", _joined([pairs(of) for of in found], PAIRS))
    sections = [markdown(f"{of.metric}, {of.split}", _reported(of), _shown(of)) for of in found]
    head = f"# Ranks across data sets\n\n{_ABOUT}\n" + ("" if found else "\nNone.\n")
    write_text(out / "ranks.md", "\n".join([head, *(f"#{section}" for section in sections)]))
    critical_difference.draw([several[0] for several in of_metrics if several], out / "critical_difference")


def _joined(tables: list[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    return pd.concat(tables)[list(columns)] if tables else pd.DataFrame(columns=list(columns))


def _shown(of: Block) -> pd.DataFrame:
    rows = []
    for row in summary(of).to_dict("records"):
        label = method_label(row["family"], row["loss"], row["stats"])
        rows.append({"method": label, "mean rank": f"{row['mean_rank']:.2f}", "best": row["best"]})
        rows[-1]["no result"] = row["no_result"]
    return pd.DataFrame(rows)


def _reported(of: Block) -> str:
    n, k = len(of.values), of.values.shape[1]
    text = f"{n} data sets: {', '.join(of.values.index)}. "
    if of.datasets_left_out:
        text += f"Not included: {', '.join(of.datasets_left_out)}, where some of these methods did not run. "
    if not of.tested:
        few = f"Fewer than {LEAST} data sets" if n < LEAST else "Only two methods"
        return text + f"{few}: ranks only, because a test has no power with so few."
    row, apart = summary(of).iloc[0], pairs(of)
    return text + (
        f"Friedman: chi^2 = {row['friedman_chi2']:.1f} with {k - 1} degrees of freedom, p = {row['friedman_p']:.2g}. "
        f"Mean ranks that differ by {row['critical_difference']:.2f} or more are significant in Nemenyi's test at .05 "
        f"({(apart['nemenyi_p'] < 0.05).sum()} of {len(apart)} pairs). Wilcoxon's signed-rank test with Holm's "
        f"correction finds {(apart['wilcoxon_p_holm'] < 0.05).sum()} significant pairs; the smallest p possible with "
        f"so many data sets and pairs is {least_p(of):.2g}."
    )
