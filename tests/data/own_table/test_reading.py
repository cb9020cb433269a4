"""One table in several formats and forms is one data set: the same numbers, columns and rows."""

import builtins
import hashlib

import numpy as np
import pandas as pd
import pytest
import torch

from ebmbench.core.errors import UserError
from tests.data.own_table.tables import COLUMNS, continuous, load, measured, spoilt, written


def raw(table):
    return torch.tensor(table[COLUMNS].to_numpy())


FORMS = {
    "csv": (".csv", lambda table: table.to_csv(index=False), {}),
    "tsv": (".tsv", lambda table: table.to_csv(index=False, sep="\t"), {}),
    "semicolons and commas": (
        ".csv",
        lambda table: table.to_csv(index=False, sep=";", decimal=","),
        {"separator": ";", "decimal": ","},
    ),
    "spaces": (".csv", lambda table: table.to_csv(index=False, sep=" ").replace(" ", "   "), {"separator": " "}),
    "bars": (".CSV", lambda table: table.to_csv(index=False, sep="|"), {"separator": "|"}),
    "byte order mark": (".csv", lambda table: table.to_csv(index=False).encode("utf-8-sig"), {}),
    "line ends of Windows": (".csv", lambda table: table.to_csv(index=False).replace("\n", "\r\n"), {}),
    "names with spaces": (".csv", lambda table: table.rename(columns=lambda name: f" {name} ").to_csv(index=False), {}),
    "quotes": (".csv", lambda table: table.to_csv(index=False, quoting=1), {}),
    "comments": (".csv", lambda table: "# made by hand\n\n#\n# in cm, kg\n" + table.to_csv(index=False), {}),
    "units in a comment": (".csv", lambda table: "#cm,kg,mg,a\n" + table.to_csv(index=False), {}),
    "names in a comment": (".csv", lambda table: f"# made by hand\r\n# {table.to_csv(index=False)}", {}),
    "names in a comment, spaces": (
        ".csv",
        lambda table: f"# {table.to_csv(index=False, sep=' ')}",
        {"separator": " "},
    ),
    "a column called by the sign of comments": (
        ".csv",
        lambda table: table.rename_axis("#").to_csv(),
        {"drop": ["#"]},
    ),
    "names in a comment, texts in the first column": (
        ".csv",
        lambda table: "#" + table.assign(site="north")[["site", *COLUMNS]].to_csv(index=False),
        {"drop": ["site"]},
    ),
    "further columns": (
        ".csv",
        lambda table: table.assign(site="north", id=range(len(table))).to_csv(index=False),
        {"columns": COLUMNS},
    ),
    "columns to drop": (
        ".csv",
        lambda table: table.assign(site="north", id=range(len(table))).to_csv(),
        {"drop": ["Unnamed: 0", "id", "site"]},
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_text_gives_the_same_numbers(tmp_path, form):
    suffix, text, settings = FORMS[form]
    table = load(written(tmp_path / f"mine{suffix}", text(measured())), **settings)
    assert table.column_names() == COLUMNS and table.dim == 4
    assert torch.equal(table.raw_rows(), raw(measured()))


def test_arrays_give_the_same_numbers(tmp_path):
    table = measured()
    np.save(tmp_path / "matrix.npy", table.to_numpy())
    np.savez(tmp_path / "matrix.npz", anything=table.to_numpy())
    np.savez(tmp_path / "columns.npz", **{name: table[name] for name in COLUMNS})
    np.save(tmp_path / "structured.npy", table.to_records(index=False))
    np.savez(tmp_path / "structured.npz", anything=table.to_records(index=False))
    np.save(tmp_path / "single.npy", table.to_numpy().astype("f4"))
    named = ("columns.npz", "structured.npy", "structured.npz")
    for name, columns in (("matrix.npy", list("0123")), ("matrix.npz", list("0123")), *((of, COLUMNS) for of in named)):
        found = load(tmp_path / name)
        assert found.column_names() == columns
        assert torch.equal(found.raw_rows(), raw(table))
    # float32 as the decimals that it shows, not as float64 of its bits
    assert torch.equal(load(tmp_path / "single.npy").raw_rows(), raw(table))
    assert not np.array_equal(table.to_numpy().astype("f4").astype("f8"), table.to_numpy())


def test_a_structured_array_has_one_number_a_field(tmp_path):
    np.save(tmp_path / "wide.npy", np.zeros(60, dtype=[("a", "f8"), ("b", "f8", 2)]))
    with pytest.raises(UserError, match="the file has several values a row in the field b; allowed: one number"):
        load(tmp_path / "wide.npy").raw_rows()
    np.save(tmp_path / "dates.npy", np.zeros(60, dtype=[("a", "f8"), ("day", "M8[D]")]))
    with pytest.raises(
        UserError, match=r"the field day of the file holds values of type datetime64\[D\]; allowed: real"
    ):
        load(tmp_path / "dates.npy").raw_rows()


def test_parquet_gives_the_same_numbers(tmp_path):
    pytest.importorskip("pyarrow")
    table = measured().assign(site="north", day=pd.Timestamp("2024-01-31"), count=pd.array(range(600), "Int64"))
    table.astype({"height": "float32"}).to_parquet(tmp_path / "mine.parquet")
    found = load(tmp_path / "mine.parquet", categories="drop", drop="count")
    assert torch.equal(found.raw_rows(), raw(measured()))
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "mine.parquet").read_bytes()[:500])
    with pytest.raises(UserError, match="not a complete parquet file"):
        load(tmp_path / "cut.parquet").check_source()


def test_parquet_without_its_reader_says_what_to_install(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.partition(".")[0] in ("pyarrow", "fastparquet"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    path = written(tmp_path / "mine.parquet", "PAR1")
    with pytest.raises(UserError) as error:
        load(path).check_source()
    assert str(error.value) == (
        f"{path}: reading parquet needs pyarrow; `pip install 'ebmbench[parquet]'`, or save the table as .csv"
    )


def test_the_file_s_sha256_identifies_the_table(tmp_path):
    path = written(tmp_path / "mine.csv", measured())
    table = load(path)
    (file,) = table.files()
    assert file.path == str(path) and file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert table.facts()["sha256"] == file.sha256 and table.facts()["source"] == str(path)


def test_what_was_left_out_is_a_fact(tmp_path):
    table = spoilt("dose", {4: None, 7: "?"}, measured().assign(site="north", patient=np.arange(600) // 4, unit=1))
    found = load(written(tmp_path / "mine.csv", table), missing="drop", categories="drop", group="patient", drop="unit")
    facts = found.facts()
    assert facts["rows"] == "598; 2 with missing values were left out"
    assert facts["columns"] == "4 modelled; left out: unit (drop), patient (group), site (text)"
    assert torch.equal(found.raw_rows(), raw(measured().drop(index=[4, 7])))


def test_columns_are_in_the_order_of_the_setting(tmp_path):
    table = load(written(tmp_path / "mine.csv", measured()), columns=["age", "height"])
    assert table.column_names() == ["age", "height"]
    assert torch.equal(table.raw_rows(), torch.tensor(measured()[["age", "height"]].to_numpy()))


def test_a_row_is_left_out_for_a_gap_in_a_modelled_column_only(tmp_path):
    path = written(tmp_path / "mine.csv", spoilt("dose", {4: None}, measured()))
    assert len(load(path, drop="dose").raw_rows()) == 600
    assert len(load(path, missing="drop").raw_rows()) == 599


def test_one_column_is_a_table(tmp_path):
    table = load(written(tmp_path / "mine.csv", continuous(100, 1)))
    splits = table.splits(0)
    assert [part.shape for part in splits[:3]] == [(80, 1), (10, 1), (10, 1)]
