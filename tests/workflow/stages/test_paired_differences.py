"""All pairs of methods as files: the table, and a page whose top says what the seeds cannot separate."""

import re

import pandas as pd

from ebmbench.core.columns import SCORES
from ebmbench.core.csv_schema import read_typed
from ebmbench.reporting.comparison.pairwise import COLUMNS
from ebmbench.workflow.stages.paired_differences import write_paired_differences
from tests.helpers.score_rows import rows_of


def written(folder, *rows):
    table = pd.DataFrame([row for part in rows for row in part]).reindex(columns=list(SCORES))
    table.to_csv(folder / "scores.csv", index=False)
    write_paired_differences(folder / "scores.csv", folder)
    return (folder / "paired_differences.md").read_text(), read_typed(folder / "paired_differences.csv")


def test_the_page_starts_with_one_line_per_data_set_that_links_its_section(tmp_path):
    plane = [
        rows_of(f"ebm-{name}-none", "kl", "exact", [i, 1.5 * i + 1]) for i, name in enumerate(("ed", "nce", "dsm"))
    ]
    wine = [rows_of(f"ebm-{name}-none", "nll", "test", [i, i + 0.001]) for i, name in enumerate(("ed", "nce"))]
    page, found = written(tmp_path, *plane, *([row | {"dataset": "red_wine"} for row in rows] for rows in wine))
    lines = page.splitlines()
    assert lines[2:5] == [
        "* [moons](#moons): ebm · nce and ebm · dsm: 2 seeds cannot separate these from the best, ebm · ed.",
        "* [red_wine](#red_wine): ebm · ed is better than the other method.",
        "",
    ]
    assert re.findall("^## .*", page, re.MULTILINE) == ["## moons", "## red_wine"]
    assert "by kl (nats); lower is better" in page and "by nll (nats) of the test split; lower is better" in page
    assert list(found.columns) == list(COLUMNS)
    assert found.groupby("dataset").size().to_dict() == {"moons": 3, "red_wine": 1}


def test_a_grid_without_pairs_has_an_empty_table_and_says_so(tmp_path):
    page, found = written(tmp_path, rows_of("ebm-ed-none", "kl", "exact", [1.0, 2.0]))
    assert page.splitlines()[2] == "None." and found.empty and list(found.columns) == list(COLUMNS)
    page, found = written(tmp_path, [])
    assert page.splitlines()[2] == "None." and found.empty
