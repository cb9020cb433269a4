"""A page shows six columns of metrics at most; the others follow in tables of their own, with the same rows."""

from __future__ import annotations

import pandas as pd
import pytest

from ebmbench.provenance.audit.documented_numbers import rows
from ebmbench.reporting.markdown import FURTHER, MOST, markdown, split_columns


def table_of(columns: int) -> pd.DataFrame:
    fields = {f"m{number}": [f"{number}a", f"{number}b"] for number in range(columns)}
    return pd.DataFrame({"method": ["a", "b"], "runs": ["5", "3"]} | fields)


@pytest.mark.parametrize(
    ("columns", "sizes"), [(0, [0]), (1, [1]), (6, [6]), (7, [6, 1]), (14, [6, 4, 4]), (19, [6, 5, 5, 3])]
)
def test_columns_beyond_six_are_spread_evenly_in_their_order(columns, sizes):
    parts = split_columns(table_of(columns), keys=2)
    assert [len(part.columns) - 2 for part in parts] == sizes
    assert [name for part in parts for name in part.columns[2:]] == [f"m{number}" for number in range(columns)]
    assert all(list(part.columns[:2]) == ["method", "runs"] for part in parts)


def test_the_parts_hold_every_cell_of_the_table_with_its_row():
    page = markdown("moons", "Mean.", table_of(14), keys=2)
    found: dict[str, dict[str, str]] = {}
    for row in rows(page):
        found.setdefault(row["method"], {}).update(row)
    assert list(found.values()) == table_of(14).to_dict("records")
    widths = [line.count("|") - 1 for line in page.splitlines() if line.startswith("| method")]
    assert max(widths) <= 2 + MOST and page.count(FURTHER) == 1
    whole = markdown("moons", "Mean.", table_of(14))
    assert [line.count("|") - 1 for line in whole.splitlines() if line.startswith("| method")] == [16]


def test_a_page_of_few_columns_has_one_table_and_the_notes_below_it():
    page = markdown("moons", "Mean.", table_of(6), keys=2, notes=["One.", "Two."])
    assert FURTHER not in page
    assert page.startswith("# moons\n\nMean.\n\n| method") and page.endswith("|\n\n* One.\n* Two.\n")


def test_a_page_without_rows_says_so():
    assert markdown("Failed runs", "Which.", pd.DataFrame()) == "# Failed runs\n\nWhich.\n\nNone.\n"
    assert markdown("Effects", "Which.", pd.DataFrame(), keys=4) == "# Effects\n\nWhich.\n\nNone.\n"
