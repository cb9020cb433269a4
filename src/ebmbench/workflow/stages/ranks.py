"""Stage that ranks methods across data sets: tables of ranks and pairs, a page, and four figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_csv, write_text
from ebmbench.reporting.comparison.budget_ranks import COLUMNS as BUDGET
from ebmbench.reporting.comparison.budget_ranks import budget_ranks
from ebmbench.reporting.comparison.dimension_ranks import COLUMNS as DIMENSIONS
from ebmbench.reporting.comparison.dimension_ranks import dimension_ranks
from ebmbench.reporting.comparison.rank_blocks import KL, Block, blocks, ranked_columns
from ebmbench.reporting.comparison.rank_tables import PAIRS, SUMMARY, ranked
from ebmbench.reporting.figures import critical_difference, rank_curves, rank_profiles
from ebmbench.reporting.rank_page import rank_page


class RankSources(NamedTuple):
    """Files that ranks are made from: scores.csv, curves.csv, and datasets.csv for the dimensions of data sets."""

    scores: Path
    curves: Path
    facts: Path

    @classmethod
    def beside(cls, tables: Path) -> RankSources:
        """Return the files of a folder of tables."""
        return cls(tables / "scores.csv", tables / "curves.csv", tables / "datasets.csv")


class Drawn(NamedTuple):
    """What figures show: each metric's first block, and the ranks by budget and by dimension."""

    first: list[Block]
    by_budget: pd.DataFrame
    by_dimension: pd.DataFrame


def write_ranks(sources: RankSources, out: Path) -> None:
    """Write all tables and figures."""
    drawn = write_tables(sources, out)
    critical_difference.draw(drawn.first, out / "critical_difference")
    rank_profiles.draw(drawn.first, out / "rank_profiles")
    rank_curves.draw(drawn.by_budget, rank_curves.BUDGET, out / "rank_budget")
    rank_curves.draw(drawn.by_dimension, rank_curves.DIMENSION, out / "rank_dimension")


def write_tables(sources: RankSources, out: Path) -> Drawn:
    """Write the tables and their page; return what figures show."""
    table, courses, facts = (read_typed(path) for path in sources)
    of_metrics = [blocks(table, column) for column in ranked_columns(table["metric"])]
    found = [ranked(of) for several in of_metrics for of in several]
    first = [several[0] for several in of_metrics if several]
    exact = [of for of in first if of.column == KL]
    spent = _joined([budget_ranks(courses, table, of) for of in exact], BUDGET)
    by_dimension = _joined([dimension_ranks(facts, of) for of in exact], DIMENSIONS)
    write_csv(out / "ranks.csv", _joined([of.methods for of in found], SUMMARY))
    write_csv(out / "rank_pairs.csv", _joined([of.pairs for of in found], PAIRS))
    write_text(out / "ranks.md", rank_page(found, spent, by_dimension))
    return Drawn(first, spent, by_dimension)


def _joined(tables: list[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    return pd.concat(tables)[list(columns)] if tables else pd.DataFrame(columns=list(columns))
