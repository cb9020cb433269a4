"""Damaged cells of tables: a line each that names file, row and column, and never a traceback."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebmbench.core.errors import UserError
from ebmbench.core.schemas import SCHEMAS, read_schema
from ebmbench.provenance.audit import fresh_run
from ebmbench.provenance.audit.finding import FAILED, OK
from ebmbench.provenance.audit.table_cells import (
    NUMBERS,
    against_schema,
    in_committed,
    not_finite,
    read_cells,
    summary,
    with_numbers,
)
from ebmbench.provenance.audit.tolerances import tolerance_of
from tests.helpers.paths import ROOT

SMOKE = ROOT / "results/reference/smoke"
SCHEMA = {name: read_schema(SCHEMAS / f"{name}.schema.yaml") for name in ("scores", "runs")}


@pytest.fixture(scope="module")
def tables():
    """Some rows of each table, every field as text."""
    read = {name: read_cells(SMOKE / f"{name}.csv", SCHEMA[name]) for name in SCHEMA}
    return {name: table[table["run"].str.startswith("redwine/flow")][:12].reset_index() for name, table in read.items()}


def lines(found):
    return [of.line for of in found]


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-inf", "Infinity", "much"])
def test_a_value_that_is_no_finite_number_is_a_line_with_row_and_column(tables, text):
    table = tables["scores"].drop(columns="index")
    table.loc[3, "value"] = text
    (line,) = lines(against_schema(table, SCHEMA["scores"], "fresh scores.csv"))
    assert line == f"cells: fresh scores.csv, row 4: value = {text!r}; allowed: number, empty"
    (line,) = lines(not_finite(table, "smoke/scores.csv"))
    assert line == f"cells: smoke/scores.csv, row 4: value = {text!r}; allowed: a finite number, or empty"


def test_each_cell_at_fault_has_its_line(tables):
    table = tables["scores"].drop(columns="index")
    table.loc[0, "stderr"] = "inf"
    table.loc[0, "seed"] = "nan"
    table.loc[5, "value"] = ""
    found = lines(against_schema(table, SCHEMA["scores"], "a"))
    assert sorted(line.partition(" = ")[0] for line in found) == [
        "cells: a, row 1: seed",
        "cells: a, row 1: stderr",
        "cells: a, row 6: value",
    ]


def test_committed_tables_are_read_and_those_of_figures_are_not(tmp_path):
    for name, text in {"one/curves.csv": "step,kl\n1,inf\n2,1.5\n", "one/figures/a.csv": "a\ninf\n"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "one/empty.csv").write_text("")
    (tmp_path / "one/scores.csv").write_text("value\nnan\n")
    found, number = in_committed(tmp_path, [tmp_path / "one/scores.csv"])
    assert number == 2
    assert [of.where for of in found] == ["one/curves.csv, row 1", "one/empty.csv"]
    assert [of.outcome for of in summary(found, number)] == [FAILED] * 3
    assert summary([], number)[0].outcome == OK


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("run,value\na,1\n", "columns missing: dataset, family"),
        ("run,value\na,1,2\n", "row 1 has more fields than the header"),
        ("run,value\na,1\nb,1,2\n", "not a CSV table"),
        ("", "not a CSV table"),
    ],
)
def test_what_is_no_such_table_is_one_line(tmp_path, text, message):
    path = tmp_path / "scores.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=message) as error:
        read_cells(path, SCHEMA["scores"])
    assert "\n" not in str(error.value)


def test_a_column_that_no_table_has_is_one_line(tables, tmp_path):
    tables["scores"].to_csv(tmp_path / "scores.csv", index=False)
    with pytest.raises(UserError, match=r"scores\.csv: columns unknown: index"):
        read_cells(tmp_path / "scores.csv", SCHEMA["scores"])


TOLERANCE = tolerance_of(SMOKE)

#: what a person or a program might leave in a cell
EDITS = st.one_of(
    st.sampled_from(
        ["", "nan", "inf", "-inf", "1e400", "-1", "0", "1_0", " 1 ", "ok", "failed", "None", '"', ",", "\n"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    st.floats().map(repr),
)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_edit_of_a_cell_is_a_traceback_and_none_of_a_compared_one_passes(tables, tmp_path_factory, data):
    name = data.draw(st.sampled_from(sorted(tables)))
    table = tables[name].drop(columns="index")
    row = data.draw(st.integers(0, len(table) - 1))
    column = data.draw(st.sampled_from(list(table)))
    edited = table.copy()
    edited.loc[row, column] = data.draw(EDITS)
    path = tmp_path_factory.mktemp("edited") / "table.csv"
    edited.to_csv(path, index=False)
    read = read_cells(path, SCHEMA[name])
    found = against_schema(read, SCHEMA[name], name)
    if name == "scores":
        fresh, committed = (with_numbers(of, NUMBERS) for of in (read, table))
        found += fresh_run.against(fresh, committed, TOLERANCE)
    else:
        found += fresh_run.data_digests(read, table)
    assert all("\n" not in of.line for of in found)
    compared = {
        "scores": ("dataset", "seed", "metric", "status", "distribution"),
        "runs": ("run", "provenance.data_digest"),
    }
    if column in compared[name] and read[column].iloc[row] != table[column].iloc[row]:
        assert any(of.outcome == FAILED for of in found)


def test_rows_that_are_too_short_have_empty_fields(tables, tmp_path):
    path = tmp_path / "runs.csv"
    text = tables["runs"].drop(columns="index").to_csv(index=False).splitlines()
    path.write_text("\n".join([text[0], text[1].split(",")[0]]))
    read = read_cells(path, SCHEMA["runs"])
    assert isinstance(read, pd.DataFrame) and read.iloc[0, 1:].eq("").all()
    assert against_schema(read, SCHEMA["runs"], "runs")
