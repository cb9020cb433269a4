"""Stage that ranks methods across data sets: tables of ranks and pairs, a page, and three figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_csv, write_text
from ebmbench.reporting.comparison.budget_ranks import COLUMNS as BUDGET
from ebmbench.reporting.comparison.budget_ranks import budget_ranks
from ebmbench.reporting.comparison.rank_blocks import RANKED, Block, blocks
from ebmbench.reporting.comparison.rank_tables import PAIRS, SUMMARY, ranked
from ebmbench.reporting.figures import critical_difference, rank_budget, rank_profiles
from ebmbench.reporting.rank_page import rank_page


def write_ranks(scores: Path, curves: Path, out: Path) -> None:
    """Write all tables and figures from the tables ``scores`` and ``curves``."""
    first, spent = write_tables(scores, curves, out)
    critical_difference.draw(first, out / "critical_difference")
    rank_profiles.draw(first, out / "rank_profiles")
    rank_budget.draw(spent, out / "rank_budget")


def write_tables(scores: Path, curves: Path, out: Path) -> tuple[list[Block], pd.DataFrame]:
    """Write the tables and their page; return each metric's first block, and the ranks by budget."""
    table, courses = read_typed(scores), read_typed(curves)
    of_metrics = [blocks(table, *name) for name in RANKED]
    found = [ranked(of) for several in of_metrics for of in several]
    first = [several[0] for several in of_metrics if several]
    spent = _joined([budget_ranks(courses, table, of) for of in first if of.metric == "kl"], BUDGET)
    write_csv(out / "ranks.csv", _joined([of.methods for of in found], SUMMARY))
    write_csv(out / "rank_pairs.csv", _joined([of.pairs for of in found], PAIRS))
    write_text(out / "ranks.md", rank_page(found, spent))
    return first, spent


def _joined(tables: list[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    return pd.concat(tables)[list(columns)] if tables else pd.DataFrame(columns=list(columns))
