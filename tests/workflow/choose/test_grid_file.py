"""The configuration that `ebmbench choose` writes: it plans, and has the methods that it promises."""

import shlex
from pathlib import Path

import pytest
import yaml

from ebmbench.core.errors import UserError
from ebmbench.planning.config import check, grid
from ebmbench.workflow.choose.choice import Table
from ebmbench.workflow.choose.grid_file import Size, dataset_name, grid_text
from ebmbench.workflow.choose.settings import parsed_settings, with_option
from tests.helpers.paths import ROOT

SCHEMA = ROOT / "src/ebmbench/core/schemas/config.schema.yaml"


def planned(columns, trials):
    text = grid_text("mine", {"kind": "moons"}, columns, Path("results/my out"), Size(1600, trials))
    config = check(yaml.safe_load(text), SCHEMA)
    return config, grid(config)


@pytest.mark.parametrize(("columns", "energies"), [(3, 8), (30, 4)])
def test_methods_and_how_long_they_train(columns, energies):
    config, plan = planned(columns, 3)
    methods = {cell.method for cell in plan.settings}
    assert {f"{name}-ml-none" for name in ("gaussian", "gmm", "kde", "flow")} <= methods
    assert sum(method.startswith("ebm-") for method in methods) == energies
    assert config["results"] == "results/my out"
    assert config["tuning"]["halving"] == [{"trials": 3, "seeds": 1}]
    trained = {cell.family for cell in plan.spaces}
    assert trained == {"flow", "ebm"} and all(plan.settings[cell]["train"]["steps"] == 1600 for cell in plan.spaces)


def test_a_first_run_searches_nothing():
    assert planned(3, 1)[1].spaces == {}


@pytest.mark.parametrize(("file", "name"), [("Wein (rot).csv", "wein_rot"), ("2024-A.parquet", "2024_a")])
def test_a_data_set_is_named_after_its_file(file, name):
    assert dataset_name(Path("some", file)) == name


def test_a_file_without_letters_is_refused():
    with pytest.raises(UserError, match="has no letter and no digit; rename it"):
        dataset_name(Path("--.csv"))


def test_settings_are_read_as_yaml():
    assert parsed_settings(["drop=[a, b]", "decimal=','", "missing = drop"]) == {
        "drop": ["a", "b"],
        "decimal": ",",
        "missing": "drop",
    }


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        (r"separator=\t", "\t"),
        ("separator=\t", "\t"),
        (r'separator="\t"', "\t"),
        ("separator=,", ","),
        ("separator=|", "|"),
        ("separator= ", " "),
        ("separator=;", ";"),
    ],
)
def test_a_sign_between_columns_stands_for_itself(text, sign):
    assert parsed_settings([text]) == {"separator": sign}


@pytest.mark.parametrize("text", ["drop", "=a", "drop=[a"])
def test_settings_of_another_form_are_one_line(text):
    with pytest.raises(UserError, match=r"^--setting [^\n]+$"):
        parsed_settings([text])


def test_a_value_that_yaml_cannot_read_is_told_in_words_of_our_own():
    with pytest.raises(UserError, match=r"^--setting drop=\[a: the value cannot be read; allowed: ") as error:
        parsed_settings(["drop=[a"])
    assert "line 1" not in str(error.value)


@pytest.mark.parametrize(
    ("line", "option", "setting"),
    [
        ("column day has no values; write drop: [day]", "'drop=[day]'", {"drop": ["day"]}),
        (
            "write drop: ['a]b', \"c's\"], or categories: drop to leave",
            """'drop=['"'"'a]b'"'"', "c'"'"'s"]'""",
            {"drop": ["a]b", "c's"]},
        ),
        ('numbers have decimal commas; write decimal: ","', """'decimal=","'""", {"decimal": ","}),
        ("write missing: drop to leave out the 3 rows", "missing=drop", {"missing": "drop"}),
    ],
)
def test_what_a_message_says_to_write_is_told_as_an_option(line, option, setting):
    assert with_option(line) == f"{line}; with choose: --setting {option}"
    assert parsed_settings(shlex.split(option)) == setting


def test_a_message_without_such_words_stays():
    assert with_option("x.csv: the file is missing") == "x.csv: the file is missing"


@pytest.mark.parametrize(("key", "words"), [("kind", "on tables only"), ("path", "TABLE is the file")])
def test_what_the_choice_gives_itself_is_refused(key, words):
    with pytest.raises(UserError, match=rf"^--setting {key}: .*{words}.*; allowed: "):
        Table.of(Path("x.csv"), {key: "moons"})
