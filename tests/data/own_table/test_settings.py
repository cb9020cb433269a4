"""Settings of a table that do not fit together, and files that are not there, are refused in one line."""

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from tests.data.own_table.tables import load, measured, written


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"path": None}, "path is missing; allowed: path, or train_path, val_path and test_path"),
        ({"train_path": "b.csv"}, "path and train_path are both there; allowed: path, or train_path, val_path and"),
        (
            {"path": None, "train_path": "b", "val_path": "c"},
            "test_path is missing beside train_path; allowed: path, or",
        ),
        ({"path": ""}, "path = '' names no file; allowed: the name of a file or folder"),
        ({"path": "a\0.csv"}, "path = 'a\\x00.csv' names no file"),
        ({"path": None, "train_path": " ", "val_path": "c", "test_path": "d"}, "train_path = ' ' names no file"),
        ({"missing": "keep"}, "missing = 'keep'; allowed: 'error', or 'drop'"),
        ({"categories": 3}, "categories = 3 is not of type str"),
        ({"separator": "::"}, "separator = '::'; allowed: ',', or ';'"),
        ({"decimal": ",", "separator": ","}, "separator = decimal = ','; allowed: two different signs"),
        ({"group": "a", "time": "b"}, "group, time: each decides the split; allowed: one of group, time and given"),
        ({"columns": [1, 2]}, "columns = [1, 2] is not of type str | tuple[str, ...]"),
        ({"colums": ["a"]}, "'colums' is unknown; did you mean columns? allowed: copies, path,"),
        ({"dequantise": "always"}, "dequantise = 'always'; allowed: 'auto', or 'none'"),
        ({"copies": "apart"}, "copies = 'apart'; allowed: 'anywhere', or 'together'"),
    ],
)
def test_a_wrong_key_or_value_is_one_line(settings, line):
    with pytest.raises(UserError) as error:
        plugins.load("dataset", "table", **{"path": "a.csv"} | settings)
    assert str(error.value).startswith(f"dataset table: {line}"), str(error.value)


def test_a_file_that_is_not_there_or_of_another_kind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.csv").mkdir()
    written(tmp_path / "mine.xlsx", "x")
    written(tmp_path / "mine", "x")
    written(tmp_path / "mine.csv.gz", gzip.compress(b"a,b"))
    os.mkfifo(tmp_path / "pipe.csv")
    for path, line in {
        "mine": "mine: the name has no ending; allowed: .csv, .tsv, .parquet, .npy, .npz; save it",
        "mine.csv.gz": "mine.csv.gz: the file is compressed (gzip); unpack it first",
        "pipe.csv": "pipe.csv: not a regular file; allowed: a file on disk",
        "mine.csv": f"mine.csv: No such file or directory; paths are relative to the working folder, {tmp_path}",
        "folder.csv": f"folder.csv: Is a directory; paths are relative to the working folder, {tmp_path}",
        "mine.xlsx": "mine.xlsx: the name ends in '.xlsx'; allowed: .csv, .tsv, .parquet, .npy, .npz; save it",
    }.items():
        with pytest.raises(UserError) as error:
            load(path).check_source()
        assert str(error.value).startswith(line)


def test_what_may_have_been_meant_by_a_path_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "patients.csv", measured())
    for path, end in {
        "patient.csv": f"folder, {tmp_path}; did you mean patients.csv?",
        "nurses.csv": f"folder, {tmp_path}",
        "~/patients.csv": f"write {Path.home()} for ~",
        "https://example.org/patients.csv": "no address is fetched: download the file and give its path",
        str(tmp_path / "pateints.csv"): f"No such file or directory; did you mean {tmp_path / 'patients.csv'}?",
    }.items():
        with pytest.raises(UserError) as error:
            load(path).check_source()
        assert str(error.value).endswith(end), str(error.value)


def test_arrays_of_objects_and_without_columns_are_refused(tmp_path):
    for name, array, line in (
        ("objects.npy", np.array([[1, "a"]], dtype=object), "holds Python objects, which are not loaded; save numbers"),
        ("narrow.npy", np.zeros((300, 0)), "the file has the shape (300, 0); allowed: one array (N, D)"),
    ):
        np.save(tmp_path / name, array, allow_pickle=True)
        with pytest.raises(UserError) as error:
            load(tmp_path / name).check_source()
        assert str(error.value).startswith(f"{tmp_path / name}: {line}"), str(error.value)


def test_given_splits_that_do_not_fit_are_one_line(tmp_path):
    paths = {split: written(tmp_path / f"{split}.csv", measured(100, 1)) for split in ("train", "val", "test")}
    given = {f"{split}_path": str(path) for split, path in paths.items()}
    written(paths["val"], measured(100).drop(columns="dose"))
    with pytest.raises(UserError, match=r"val.csv: no column dose with numbers, as .*train.csv has$"):
        load(None, **given).check_source()
    written(paths["val"], measured(100).rename(columns={"age": "Age"}))
    with pytest.raises(UserError, match=r"val.csv: no column age with numbers, .*; did you mean Age\? others: Age"):
        load(None, **given).check_source()
    written(paths["val"], measured(100).assign(site=2.5))
    with pytest.raises(UserError, match=r"train.csv: no column site with numbers, as .*val.csv has"):
        load(None, **given).check_source()
    written(paths["val"], measured(100, 1))
    with pytest.raises(UserError, match=r"val.csv: the same content as .*train.csv; needed: other rows for each split"):
        load(None, **given).check_source()
    written(paths["val"], measured(4))
    with pytest.raises(UserError, match=r"val.csv: 4 rows and 4 columns; allowed: 5 or more rows"):
        load(None, **given).check_source()
    with pytest.raises(UserError, match=r"time, train_path: each decides the split"):
        load(None, **given, time="age")
