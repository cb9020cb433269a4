"""Numbers in spellings of people are told from text, so that no column of them is left out as text."""

import pytest

from ebmbench.core.errors import UserError
from ebmbench.data.own_table.spelling import spelling_of
from tests.data.own_table.tables import load, measured, written

DECIMALS = "numbers have decimal commas"
EITHER = "numbers have one comma, before decimals or between thousands"
THOUSANDS = "numbers have signs between thousands"


@pytest.mark.parametrize(
    ("values", "finding"),
    [
        (["0,126", "1,105"], DECIMALS),
        (["1,5", "-2,25e3", " ,5 "], DECIMALS),
        (["1,105", "-12,500"], EITHER),
        (["1,000.5", "12,345"], THOUSANDS),
        (["1,000,000", "2,500"], THOUSANDS),
        (["1.000,5"], THOUSANDS),
        (["1'000", "12\u00a0500", "1 000.25"], THOUSANDS),
        (["30%", "-1.5 %"], "each number has '%' with it"),
        (["1,5 %", "2 %"], "each number has '%' with it"),
        (["$5", "$ 1,200.50"], "each number has '$' with it"),
        (["3 mg", "1.5e-3 mg"], "each number has 'mg' with it"),
        (["80 km/h", "90 km/h"], "each number has 'km/h' with it"),
        (["20\u00b0C", "21.5\u00b0C"], "each number has '\u00b0C' with it"),
    ],
)
def test_one_unusual_spelling_is_named(values, finding):
    assert spelling_of(values, beside_numbers=False).finding == finding


@pytest.mark.parametrize(
    "values",
    [
        ["north", "south"],
        ["3 mg", "3 g"],
        ["30%", "much"],
        ["%", "%"],
        ["Q1", "Q2"],
        ["2024-12-31"],
        ["12:30"],
        ["1,2,3"],
        ["192.168.0.1"],
        ["", ""],
        [True, False],
        ["1,5", 2.0],
        [],
    ],
)
def test_text_has_no_spelling(values):
    assert spelling_of(values, beside_numbers=False) is None


def test_a_unit_of_a_few_rows_is_no_spelling_but_thousands_beside_small_numbers_are():
    assert spelling_of(["3 mg"], beside_numbers=True) is None
    assert spelling_of(["1,000.5"], beside_numbers=True).finding == THOUSANDS


@pytest.mark.parametrize("categories", ["error", "drop"])
@pytest.mark.parametrize(
    ("spelt", "line"),
    {
        "{:.1%}": "each number has '%' with it, the first '{}' in row 1; save them without it, or write drop: [dose]",
        "{:,.2f}": "numbers have signs between thousands, the first '{}' in row 1; save them without these, or write",
        "{:,.0f}": f"{EITHER}, the first '{{}}' in row 1; for decimals write decimal: \",\", for thousands save them",
    }.items(),
)
def test_a_column_of_such_numbers_is_never_left_out_as_text(tmp_path, categories, spelt, line):
    dose = [spelt.format(1000 + 900_000 * abs(value) % 900_000) for value in measured()["dose"]]
    path = written(tmp_path / "mine.csv", measured().assign(dose=dose))
    with pytest.raises(UserError) as error:
        load(path, categories=categories).check_source()
    assert str(error.value).startswith(f"{path}: column dose: {line.format(dose[0])}"), str(error.value)
