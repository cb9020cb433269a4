"""The page of a table against numbers of pandas and of pencil and paper."""

import numpy as np
import pandas as pd
import pytest

from ebmbench.core.files import read_json
from ebmbench.planning.settings_schema import is_table
from ebmbench.reporting.table_page import column_summary, strongest_correlations
from ebmbench.workflow.stages.dataset import write_dataset
from ebmbench.workflow.stages.table_page import write_table_page
from tests.data.own_table.tables import COLUMNS, load, measured, spoilt, written


def test_the_summary_of_a_column_by_hand():
    rows = np.array([[1.0, 5.0], [2.0, 5.0], [2.0, 6.0], [7.0, 8.0]])
    first = column_summary(rows, ["a", "b"]).iloc[0]
    assert first["column"] == "a" and first["mean"] == 3 and first["sd"] == pytest.approx(np.sqrt(22 / 4))
    assert [first[name] for name in ("min", "25 %", "median", "75 %", "max")] == [1, 1.75, 2, 3.25, 7]
    assert (first["distinct"], first["most frequent"], first["of rows"]) == (3, 2, 0.5)


def test_quantiles_are_those_of_pandas():
    found = column_summary(measured().to_numpy(), COLUMNS).set_index("column")
    expected = measured().quantile([0.05, 0.95]).T
    np.testing.assert_allclose(found[["5 %", "95 %"]], expected)
    np.testing.assert_allclose(found["sd"], measured().std(ddof=0))
    assert not np.allclose(found["sd"], measured().std(), rtol=1e-6)


def test_correlations_are_ordered_by_size_of_either_sign():
    table = measured().assign(age=lambda of: -of["height"])
    found = strongest_correlations(table.to_numpy(), COLUMNS, number=3)
    matrix = table.corr()
    assert found["column"].tolist() == ["height", "height", "weight"]
    assert found["other"].tolist() == ["age", "weight", "age"]
    for row in found.itertuples():
        assert row.correlation == pytest.approx(matrix.loc[row.column, row.other])


def test_the_page_says_what_was_done_to_the_table(tmp_path):
    content = spoilt("dose", {4: None}, measured().assign(site="north"))
    path = written(tmp_path / "mine.csv", pd.concat([content, content[10:40]]))
    table = load(path, missing="drop", drop=["site"])
    write_dataset(table, "mine", [0, 1], tmp_path, "0-1")
    write_table_page(table, "mine", [tmp_path / "seeds0-1.json"], tmp_path / "out/mine")
    page = (tmp_path / "out/mine.md").read_text()
    for words in (
        "629 rows of 4 columns",
        "* rows: 629; 1 with missing values were left out",
        "* columns: 4 modelled; left out: site (drop)",
        "height 0.001, weight 0.01",
        "* rows in the splits of a seed: 505 train, 62 val, 62 test",
        "599 of 629 rows are distinct",
        "z = L^-1 (x - mean)",
        "## Correlations",
    ):
        assert words in page, words
    summary = pd.read_csv(tmp_path / "out/mine.csv")
    assert summary["column"].tolist() == COLUMNS and len(read_json(tmp_path / "seeds0-1.json")["files"]) == 1


def test_tables_are_recognised_by_their_settings():
    assert [is_table(name) for name in ("table", "redwine", "digits", "moons", "rotated_product", "mnist")] == [
        *(True, True, True),
        *(False, False, False),
    ]
