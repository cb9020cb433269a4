"""The configuration that `ebmbench choose` writes: it plans, and has the methods that it promises."""

from pathlib import Path

import pytest
import yaml

from ebmbench.core.errors import UserError
from ebmbench.planning.config import check, grid
from ebmbench.workflow.choose.grid_file import Size, dataset_name, grid_text
from ebmbench.workflow.choose.settings import parsed_settings
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


@pytest.mark.parametrize("text", ["drop", "=a", "drop=[a"])
def test_settings_of_another_form_are_one_line(text):
    with pytest.raises(UserError, match=r"^--setting [^\n]+$"):
        parsed_settings([text])
