"""What people have in their files is refused in one line that names column, row and what to write."""

import gzip

import numpy as np
import pandas as pd
import pytest

from ebmbench.core.errors import UserError
from tests.data.own_table.tables import COLUMNS, continuous, load, measured, spoilt, written


def commas(**form):
    return measured().to_csv(index=False, decimal=",", **form)


#: the first height with a decimal comma
FIRST = str(measured()["height"][0]).replace(".", ",")

#: content, settings, and the line after the file's name
REFUSED = {
    "missing": (
        spoilt("dose", dict.fromkeys([16, 20, 31], "?")),
        {},
        "column dose: 3 values missing, the first in row 17; write missing: drop to leave out the 3 rows with missing",
    ),
    "missing in two columns": (
        spoilt("age", {4: None}, spoilt("dose", {4: "NA", 7: ""})),
        {},
        "column dose: 2 values missing, the first in row 5 (and some in 1 other column); "
        "write missing: drop to leave out the 2 rows with missing",
    ),
    "a column without values": (
        measured().assign(dose=np.nan, age=""),
        {"missing": "drop"},
        "column dose has no values; write drop: [dose, age]",
    ),
    "a gap in every row": (
        measured(60).mask(np.eye(60, 4) + np.eye(60, 4, -1) + (np.arange(60) > 3)[:, None] * np.eye(4)[2] > 0),
        {"missing": "drop"},
        "every row has a missing value; column dose: 58 values missing, the first in row 3 "
        "(and some in 3 other columns); write drop: [dose]",
    ),
    "text": (
        measured().assign(site="north"),
        {},
        "column site has no numbers, the first value is 'north' in row 1; write drop: [site], or categories: drop to "
        "leave out all columns of text",
    ),
    "units": (
        measured().astype({"dose": str}).assign(dose=lambda of: of["dose"] + " mg"),
        {},
        f"column dose: each number has 'mg' with it, the first '{measured()['dose'][0]} mg' in row 1; save them "
        "without it, or write drop: [dose]",
    ),
    "some text": (
        spoilt("dose", {9: "1 mg", 11: "x"}),
        {"categories": "drop"},
        "column dose: 2 values of 600 are not numbers, the first '1 mg' in row 10; correct the file, or write drop:",
    ),
    "one text": (
        spoilt("dose", {9: "1 mg"}),
        {},
        "column dose: 1 value of 600 is not a number, the first '1 mg' in row 10; correct the file, or write drop:",
    ),
    "true and false": (
        measured().assign(smoker=lambda of: of["age"] > 0),
        {},
        f"column smoker has no numbers, the first value is {measured()['age'][0] > 0} in row 1; to model it save 1 and "
        "0 in their place, else write drop: [smoker], or categories: drop",
    ),
    "text alone": (
        pd.DataFrame({"a": list("xy") * 30}),
        {"categories": "drop"},
        "no column has numbers; needed: one or",
    ),
    "constant": (
        measured().assign(unit=-0.087),
        {},
        "column unit has the value -0.087 in every row; write drop: [unit]",
    ),
    "row numbers": (
        measured().assign(id=range(600)),
        {},
        "column id numbers the rows: its values are distinct whole numbers, from 0 to 599; write drop: [id], or name "
        "it in columns to model it",
    ),
    "row numbers out of order": (
        measured().assign(id=range(7, 607)).sample(frac=1, random_state=0),
        {},
        "column id num",
    ),
    "row numbers with gaps": (measured().assign(id=np.arange(600) ** 2), {}, "column id numbers the rows"),
    "the index of pandas": (measured().to_csv(), {}, "column Unnamed: 0 numbers the rows"),
    "more columns than rows": (
        continuous(40, 3).join(pd.DataFrame(np.random.default_rng(1).normal(size=(40, 47))).add_prefix("x")),
        {},
        "more columns than rows: 40 rows and 50 columns; allowed: 510 or more rows, or at most 3 columns by columns:",
    ),
    "few rows": (
        measured(49),
        {},
        "49 rows and 4 columns; allowed: 50 or more rows, or at most 3 columns by columns:",
    ),
    "few rows without gaps": (
        spoilt("dose", dict.fromkeys(range(20), None), measured(60)),
        {"missing": "drop"},
        "40 rows and 4 columns; allowed: 50 or more rows, or at most 3 columns by columns:",
    ),
    "decimal commas": (
        commas(sep=";"),
        {"separator": ";"},
        f'column height: numbers have decimal commas, the first {FIRST!r} in row 1; write decimal: ","',
    ),
    "quoted decimal commas": (commas(), {}, "column height: numbers have decimal commas, the first"),
    "decimal commas are no text to drop": (
        commas(),
        {"categories": "drop"},
        "column height: numbers have decimal commas",
    ),
    "semicolons": (
        measured().to_csv(index=False, sep=";"),
        {},
        "the first line is one field, 'height;weight;dose;age'; write separator: \";\"",
    ),
    "semicolons and decimal commas": (
        commas(sep=";"),
        {},
        'the first line is one field, \'height;weight;dose;age\'; write separator: ";", and decimal: "," as numbers '
        "have decimal commas",
    ),
    "tabs": (
        measured().to_csv(index=False, sep="\t"),
        {},
        r"the first line is one field, 'height\tweight\tdose\tage'; write separator: " + r'"\t"',
    ),
    "blanks": (
        measured().to_csv(index=False, sep=" "),
        {},
        "the first line is one field, 'height weight dose age'; write separator: \" \"",
    ),
    "compressed": (
        gzip.compress(measured().to_csv(index=False).encode()),
        {},
        "the file is compressed (gzip); unpack it first",
    ),
    "blank fields": (
        spoilt("dose", {9: " ", 11: "   "}),
        {},
        "column dose: 2 values missing, the first in row 10; write missing: drop to leave out the 2 rows",
    ),
    "numbers instead of names below a blank line": ("\n1,2\n" * 60, {}, "the first line has numbers, 1, 2; needed: a"),
    "a declared separator": (
        "sep=;\n" + measured().to_csv(index=False, sep=";"),
        {"separator": ";"},
        "the first line is 'sep=;', not the columns' names; remove it, and write separator: \";\"",
    ),
    "a comment below the names": (
        measured().to_csv(index=False).replace("\n", "\n# 1, 2\n", 1),
        {},
        "line 2 is a comment, '# 1, 2'; remove it",
    ),
    "a comment between the rows": (
        "# by hand\n\n" + measured().to_csv(index=False) + "# 1, 2, 3, 4, 5\n",
        {},
        "line 604 is a comment, '# 1, 2, 3, 4, 5'; remove it",
    ),
    "a long line below comments": (
        "# by hand\n\n" + measured().to_csv(index=False) + "1,2,3,4,5\n",
        {},
        "lines have different numbers of fields (Expected 4 fields in line 604, saw 5)",
    ),
    "comments alone": ("# height\n", {}, "the table has no rows"),
    "numbers below a comment of another length": (
        "# by hand\n" + "1,2\n" * 60,
        {},
        "the first line has numbers, 1, 2; needed: a first line with the columns' names",
    ),
    "an open quote": (
        measured().to_csv(index=False) + '"1,2,3,4\n',
        {},
        "a quoted field has no end (EOF inside string starting at row 601)",
    ),
    "rounding": (
        measured().assign(c=1 + 1e-16 * np.random.default_rng(0).normal(size=600)),
        {},
        "column c: values differ from 1 by rounding alone; write drop: [c]",
    ),
    "whole numbers beyond float64": (
        measured().assign(age=2**62 + np.arange(600) % 50),
        {},
        "column age: float64 cannot tell its values near 4.61169e+18 apart; subtract an offset from them, or write",
    ),
    "empty": ("", {}, "the file is empty; needed: a line with the columns' names, and rows"),
    "blank": (" \n\n", {}, "the file is empty; needed: a line with the columns' names, and rows"),
    "names alone": ("height,weight\n", {}, "the table has no rows"),
    "no names": (
        measured().to_csv(index=False, header=False),
        {},
        "the first line has numbers, " + ", ".join(map(str, measured().iloc[0])) + "; needed: a first line with the",
    ),
    "latin": (
        "größe,gewicht\n1,2\n".encode("latin-1"),
        {},
        "not UTF-8: line 1 has the byte 0xf6; save the text as UTF-8",
    ),
    "utf-16": (measured().to_csv(index=False).encode("utf-16"), {}, "the text is UTF-16; save it as UTF-8"),
    "zero bytes": ("a,b\n1,\0\n", {}, "not a text file: it has zero bytes"),
    "one name twice": (
        measured().set_axis(["height", "dose", "dose", "age"], axis=1),
        {},
        "2 columns are called 'dose', at positions 2, 3; give each its own name",
    ),
    "infinite": (
        spoilt("dose", {9: np.inf, 11: -np.inf}),
        {},
        "column dose: 2 values infinite, the first in row 10; correct the file, or write drop:",
    ),
    "infinite after rows that were left out": (
        spoilt("dose", {2: None, 3: None, 9: "1e999"}),
        {"missing": "drop"},
        "column dose: 1 value infinite, the first in row 10",
    ),
    "huge": (spoilt("dose", {9: 1e200}), {}, "column dose: 1 value beyond 1e+140, the first in row 10"),
    "tiny": (
        measured().assign(dose=lambda of: of["dose"] * 1e-200),
        {},
        "column dose: values differ by less than",
    ),
    "a copied column": (
        measured().assign(again=lambda of: 2 * of["age"] + 1),
        {},
        "column again is a linear function of other columns; leave it out, or one of these: age",
    ),
    "lines of different lengths": (
        measured().to_csv(index=False) + "1,2,3,4,5\n",
        {},
        "lines have different numbers of",
    ),
    "a name too few": ("a,b\n" + "1,2,3\n" * 60, {}, "the first line names 2 columns, and the rows have 3 fields"),
    "unknown column": (
        measured(),
        {"columns": ["heigth", "age"]},
        "columns: the column 'heigth' is unknown; did you mean height? allowed: height, weight, dose, age",
    ),
    "unknown column to drop": (measured(), {"drop": "site"}, "drop: the column 'site' is unknown"),
    "unknown group": (measured(), {"group": "patient"}, "group: the column 'patient' is unknown"),
    "kept and dropped": (
        measured(),
        {"columns": ["age", "dose"], "drop": ["age"]},
        "the column age is named by columns and by drop; allowed: one of the two",
    ),
    "kept and group": (
        measured(),
        {"columns": COLUMNS, "group": "age"},
        "the column age is named by columns and by group",
    ),
    "all dropped": (
        measured(),
        {"drop": COLUMNS},
        "no column is left; allowed: columns and drop that keep one or more",
    ),
    "few groups": (
        measured().assign(site=["north", "south"] * 300),
        {"group": "site"},
        "group: the rows of site form 2 groups, too few or too large for three splits; allowed:",
    ),
    "times that are no dates": (
        measured().assign(day="31/12/2024"),
        {"time": "day"},
        "time: the column day has '31/12/2024' in row 1, which is no date; allowed: numbers, or dates such as",
    ),
    "one time": (
        measured().assign(day="2024-12-31"),
        {"time": "day"},
        "time: the column day has one value in all rows; allowed: times that differ",
    ),
    "a missing time": (
        measured().assign(day=[*range(599), None]),
        {"time": "day"},
        "column day: 1 value missing, the first in row 600",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_one_line_names_file_column_row_and_what_to_write(tmp_path, name):
    content, settings, line = REFUSED[name]
    path = written(tmp_path / "mine.csv", content)
    with pytest.raises(UserError) as error:
        load(path, **settings).check_source()
    assert str(error.value).startswith(f"{path}: {line}"), str(error.value)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("missing", {"missing": "drop"}),
        ("text", {"drop": ["site"]}),
        ("text", {"categories": "drop"}),
        ("units", {"drop": ["dose"]}),
        ("some text", {"drop": "dose"}),
        ("true and false", {"drop": ["smoker"]}),
        ("true and false", {"categories": "drop"}),
        ("constant", {"drop": ["unit"]}),
        ("row numbers", {"drop": ["id"]}),
        ("row numbers", {"columns": [*COLUMNS, "id"]}),
        ("the index of pandas", {"drop": ["Unnamed: 0"]}),
        ("more columns than rows", {"columns": ["a", "b", "c"]}),
        ("decimal commas", {"separator": ";", "decimal": ","}),
        ("quoted decimal commas", {"decimal": ","}),
        ("semicolons", {"separator": ";"}),
        ("semicolons and decimal commas", {"separator": ";", "decimal": ","}),
        ("tabs", {"separator": "\t"}),
        ("blanks", {"separator": " "}),
        ("blank fields", {"missing": "drop"}),
        ("rounding", {"drop": ["c"]}),
        ("infinite", {"drop": ["dose"]}),
        ("a copied column", {"drop": ["again"]}),
        ("a copied column", {"drop": ["age"]}),
    ],
)
def test_what_the_line_says_to_write_is_enough(tmp_path, name, advice):
    path = written(tmp_path / "mine.csv", REFUSED[name][0])
    table = load(path, **advice)
    assert min(len(part) for part in table.splits(0)[:3]) >= 4
