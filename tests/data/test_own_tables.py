"""Tables of a user's own: the columns that are kept, and one line for each file that cannot be used."""

import types

import numpy as np
import pandas as pd
import pytest
import torch

from ebmbench.core import files
from ebmbench.core.errors import UserError
from ebmbench.data.dequantisation import NONE
from ebmbench.data.file_tables import CsvTable
from ebmbench.data.sources import DataFile
from ebmbench.workflow.stages.dataset import write_dataset
from tests.helpers import documented

COLUMNS = ("height", "weight", "dose", "age")


def measured(n=600):
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(n, 4)).round(3), columns=COLUMNS)
    return table.assign(site=np.where(np.arange(n) % 3, "north", "south"))


def declared(columns=COLUMNS, **attributes):
    """A table of the file own.csv."""
    own = {"file": DataFile("own.csv"), "columns": columns, "dequantisation": NONE, "__module__": "own"}
    return type("Own", (CsvTable,), own | attributes)()


@pytest.fixture
def own(folder, cache, offline):
    """Writes the content of own.csv into the user's folder."""

    def write(content):
        text = content.to_csv(index=False) if isinstance(content, pd.DataFrame) else content
        (folder / "own.csv").write_bytes(text if isinstance(text, bytes) else text.encode())

    write(measured())
    return write


def values(*columns):
    return torch.tensor(measured()[list(columns)].to_numpy().copy())


def test_the_named_columns_are_kept_in_their_order(own):
    table = declared(("age", "height"))
    assert table.dim == 2
    assert torch.equal(table.all_rows(), values("age", "height"))


@pytest.mark.parametrize(
    ("content", "attributes"),
    [
        (measured(), {"columns": (3, 0)}),
        (measured().to_csv(index=False, header=False), {"columns": (3, 0), "header": 0}),
        ("Made in 1998, by hand\n" + measured().to_csv(index=False), {"header": 2}),
        (measured().to_csv(index=False, sep=";", decimal=","), {"separator": ";", "decimal": ","}),
        (measured().rename(columns=lambda name: f" {name} ").to_csv(index=False).encode("utf-8-sig"), {}),
    ],
    ids=["positions", "no header", "title", "decimal comma", "spaces and a byte order mark"],
)
def test_other_forms_give_the_same_numbers(own, content, attributes):
    own(content)
    assert torch.equal(declared(**{"columns": ("age", "height")} | attributes).all_rows(), values("age", "height"))


def test_the_guides_table_works_as_printed(own, folder, tmp_path):
    (text,) = [text for path, text in documented.files().items() if path.endswith("patients.py")]
    assert len(text.splitlines()) < 20
    module = types.ModuleType("patients")
    exec(text, vars(module))
    (folder / "own.csv").rename(folder / "patients.csv")
    write_dataset(module.Patients(), "patients", [0], tmp_path / "out", "0-0")
    assert files.read_tensors(tmp_path / "out/seeds0-0.safetensors")["0/train"].shape == (480, 4)
    about = files.read_json(tmp_path / "out/seeds0-0.json")
    assert about["dim"] == 4 and about["facts"]["licence"] == "not stated"
    assert [file["path"] for file in about["files"]] == [str(folder / "patients.csv")]


def spoilt(column, entries):
    table = measured().astype({column: object})
    table.loc[list(entries), column] = list(entries.values())
    return table


@pytest.mark.parametrize(
    ("content", "attributes", "line"),
    [
        # the last column was dropped without a word: four columns under dim = 5
        (
            measured(),
            {"columns": (), "dim": 5},
            "own.csv has the columns height, weight, dose, age, site; list those to",
        ),
        (measured(), {"dim": 5}, "the table has 4 columns, and dim = 5 is declared; list the columns to keep in"),
        (
            measured(),
            {"columns": ("heigth",)},
            "own.csv has no column 'heigth'; did you mean height? found: height, weight, dose,",
        ),
        (measured(), {"columns": (0, 7)}, "own.csv has no column 7; found: height, weight, dose"),
        (
            measured().to_csv(index=False, header=False),
            {"columns": (9,), "header": 0},
            "own.csv has no column 9; it has columns without names, at positions 0 to 4",
        ),
        (measured().set_axis([*COLUMNS[:3], "dose", "site"], axis=1), {}, "own.csv has 2 columns named 'dose'; give"),
        (measured().to_csv(index=False, sep=";", decimal=","), {}, "own.csv has 5 columns, and its header 1: height;"),
        (spoilt("dose", dict.fromkeys([4, 7], None)), {}, "column dose: 2 values missing, the first in row 5"),
        (spoilt("dose", {4: "?"}), {"columns": (0, 2)}, "column 2: 1 value missing, the first in row 5"),
        (spoilt("dose", {9: np.inf, 11: -np.inf}), {}, "column dose: 2 values infinite, the first in row 10"),
        (
            measured().assign(age="NA", dose=""),
            {},
            "column dose: 600 values missing, the first in row 1; 1 other columns have missing values, too",
        ),
        (
            measured(),
            {"columns": (*COLUMNS, "site")},
            "column site: 600 values are not numbers, the first 'south' in row",
        ),
        (spoilt("dose", {2: "1 mg"}), {}, "own.csv column dose: 1 value is not a number, the first '1 mg' in row 3"),
        (measured().assign(dose=-0.087), {}, "column dose has the value -0.087 in every row; leave the column out"),
        (
            measured().assign(age=lambda of: 3 * of["height"] - of["dose"] + 1),
            {},
            "column age is a linear function of other columns; leave it out, or one of these: height, dose",
        ),
        (measured(49), {}, "the table has 49 rows; allowed: 50 or more, to whiten 4 columns"),
        ("", {}, "own.csv has no rows"),
        ("height,weight,dose,age\n", {}, "own.csv has no rows"),
        (measured().to_csv(index=False) + "1,2,3,4,north,6\n", {}, "own.csv has lines of different lengths"),
        ("größe,weight\n1,2\n".encode("latin-1"), {}, "own.csv is not a text file in UTF-8"),
    ],
)
def test_a_table_that_cannot_be_used_is_one_line_and_writes_nothing(own, tmp_path, content, attributes, line):
    own(content)
    with pytest.raises(UserError) as error:
        write_dataset(declared(**attributes), "own", [0], tmp_path / "out", "0-0")
    assert str(error.value).startswith("dataset own") and line in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_noise_does_not_hide_a_copied_or_a_constant_column(own):
    for spoiling, line in (
        ({"age": lambda of: of["dose"]}, "column age is a linear"),
        ({"age": 1.5}, "column age has"),
    ):
        own(measured().assign(**spoiling))
        table = type("Noisy", (CsvTable,), {"file": DataFile("own.csv"), "columns": COLUMNS})()
        with pytest.raises(UserError, match=line):
            table.splits(0)


def test_a_column_that_is_constant_in_the_training_rows_of_a_seed_alone_names_the_seed(own):
    own(measured().assign(age=(np.arange(600) == 17) * 1.0))
    table, lines = declared(), {}
    for seed in range(20):
        try:
            table.splits(seed)
        except UserError as error:
            lines[seed] = str(error)
    # the row with another value is in the training rows of eight seeds in ten
    assert 1 <= len(lines) <= 10
    line = "dataset own, training rows of seed {}: column age has the value 0 in every row; leave the column out"
    assert lines == {seed: line.format(seed) for seed in lines}


def test_a_file_of_ones_own_has_no_other_source(own, folder):
    (folder / "own.csv").unlink()
    with pytest.raises(UserError) as error:
        declared().splits(0)
    assert str(error.value) == (
        f"dataset own: no source provided own.csv (EBMBENCH_DATA: no own.csv in {folder}); "
        "put own.csv into the folder named by EBMBENCH_DATA"
    )
