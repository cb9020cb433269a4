"""Plug-ins are read from source exactly as they are when imported."""

import dataclasses
import importlib

import pytest

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from tests.helpers.dataset_names import NEEDED

EVERY = [(axis, name) for axis in plugins.PACKAGES for name in plugins.available(axis)]


@pytest.mark.parametrize(("axis", "name"), EVERY)
def test_fields_read_from_the_source_are_the_dataclass_fields(axis, name):
    module = importlib.import_module(plugins.module_name(axis, name))
    plugin = getattr(module, module.__all__[0])
    assert dataclasses.is_dataclass(plugin)
    assert plugin.__dataclass_params__.frozen
    defaults = {field.name: field.default for field in dataclasses.fields(plugin)}
    assert {key: field.default for key, field in plugins.fields(axis, name).items()} == defaults
    needed = NEEDED.get(name, {})
    assert plugins.settings_of(plugins.load(axis, name, **needed)) == defaults | needed


def test_inherited_fields_are_read_and_overridden_as_when_imported(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "from dataclasses import dataclass\n"
        "from abc import ABC\n"
        "from ebmbench.training.losses.ed import EnergyDiscrepancy as ED\n"
        "class NoDataclass(ABC):\n    t: float = 9.0\n    other: int = 1\n"
        "@dataclass(frozen=True)\nclass First:\n    M: int = 9\n"
        "@dataclass(frozen=True)\nclass Mine(First, NoDataclass, ED):\n    w: float = 0.25\n    extra: bool = True\n"
    )
    namespace: dict = {}
    exec(path.read_text(), namespace)
    expected = {field.name: field.default for field in dataclasses.fields(namespace["Mine"])}
    found = {key: field.default for key, field in plugins.dataclass_fields(path, "Mine").items()}
    assert found == expected == {"t": 1.0, "M": 9, "w": 0.25, "extra": True}
    with pytest.raises(LookupError, match="no class Yours"):
        plugins.dataclass_fields(path, "Yours")


def test_the_missions_plugins_are_there():
    assert set(plugins.available("loss")) >= {"none", "ml", "cd", "dsm", "ed"}
    assert set(plugins.available("family")) >= {"oracle", "base", "gaussian", "kde", "flow", "expfam", "ebm"}
    assert "model" not in plugins.available("family")


def test_unknown_names_settings_types_and_values_are_refused():
    with pytest.raises(UserError, match=r"loss 'edd' is unknown; did you mean ed\? allowed: cd"):
        plugins.load("loss", "edd")
    with pytest.raises(UserError, match="'k' is unknown; allowed: t, M, w"):
        plugins.load("loss", "ed", k=1)
    with pytest.raises(UserError, match="M = True is not of type int"):
        plugins.load("loss", "ed", M=True)
    with pytest.raises(UserError, match=r"loss ed: t = -1.0; allowed: above 0"):
        plugins.load("loss", "ed", t=-1.0)


def admitted(axis, name, setting, *values):
    """Those of the values that a setting may have."""
    return [value for value in values if not plugins.fields(axis, name)[setting].refusal(value)]


def test_a_setting_may_be_a_list_of_names():
    allowed = ["t", ["t", "w"], ()]
    assert admitted("figure", "ablation_panels", "rows", *allowed, [1], {"t": 1}, None) == allowed
    assert admitted("loss", "ed", "t", [1.0]) == []


def test_a_setting_may_be_a_list_of_numbers():
    allowed = [[4, 6.5], (4.0,)]
    assert admitted("experiment", "mode_weights", "gaps", *allowed, 4.0, ["4"], [True], [0.0], []) == allowed
