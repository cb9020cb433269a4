"""Planning and the classes admit the same numbers: found by listing every plug-in and every number that it takes.

Planning sees what annotations say. A check by hand in a class, which planning cannot see, fails here unless it is one
of :data:`TOGETHER`, the conditions on several settings at once; the stage ``check_settings`` refuses these.
"""

import dataclasses
import importlib
import json
import math

import pytest

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.core.field_types import NAMES
from ebmbench.inference.sampling import SampleSettings
from ebmbench.planning import config as configuration
from ebmbench.planning import settings_schema
from ebmbench.planning.cell_selection import SECTIONS
from ebmbench.training.settings import TrainSettings
from ebmbench.workflow.stages.check_settings import check_grid_settings
from tests.helpers.configurations import SCHEMA, small
from tests.helpers.dataset_names import NEEDED

EVERY = [(axis, name) for axis in plugins.PACKAGES for name in plugins.available(axis)]
STAGES = {"train": TrainSettings, "sample": SampleSettings}

#: by plug-in, the settings with a condition that holds only together with other settings, or with the data's columns
TOGETHER = {
    ("dataset", "hepmass"): {"rows"},
    ("dataset", "power"): {"rows"},
    ("family", "ebm_noise"): {"sigma_max", "sigma_min"},
    ("experiment", "discrepancy_time"): {"cells", "shortest", "longest"},
    ("experiment", "latent_samplers"): {"evaluations", "budgets"},
}

PROBES = {
    int: [-1, 0, 1, 2, 3, 7, 30, 10**9],
    float: [-1.0, 0.0, 1e-9, 0.5, 1.0, 2.0, 1e9, math.nan, math.inf, -math.inf],
}


def probes(field):
    """The values to try for a setting: none unless it holds a number, or several."""
    found = []
    for kind, values in PROBES.items():
        found += [*values, field.default] if NAMES[kind] in field.type_name.split(" | ") else []
        if f"tuple[{NAMES[kind]}, ...]" in field.type_name:
            found += [(), field.default, *((value,) for value in values), *((value, 1.0) for value in values)]
    return found


def planned(fields, settings):
    try:
        plugins.check_settings("x", fields, settings)
    except UserError as error:
        assert len(str(error).splitlines()) == 1
        return False
    return True


def constructed(kind, settings):
    try:
        kind(**settings)
    except ValueError:
        return False
    return True


def disagreements(fields, kind, needed=None):
    """The values that planning admits and the class refuses; never the other way round. ``needed``: other settings."""
    found = []
    for name, field in fields.items():
        for value in probes(field):
            settings = {**(needed or {}), name: value}
            admitted, made = planned(fields, settings), constructed(kind, settings)
            assert admitted or not made, (name, value)
            found += [settings] if admitted and not made else []
    return found


def class_of(axis, name):
    module = importlib.import_module(plugins.module_name(axis, name))
    return getattr(module, module.__all__[0])


def with_entry(axis, name, settings):
    """A configuration whose one entry on an axis is the plug-in with ``settings``."""
    settings = json.loads(json.dumps(settings))
    loss = {"ebm_noise": "dsm_levels"}.get(name, "ml")
    cells = {"families": {"gaussian": {}}, "losses": {loss: {}}, "stats": {"none": {}}, "exclude": []}
    section = SECTIONS.get(axis, "experiments")
    return section, configuration.check(small(**cells | {section: {name: settings}}), SCHEMA)


@pytest.mark.parametrize(("axis", "name"), EVERY)
def test_planning_and_the_class_admit_the_same_numbers(axis, name):
    found = disagreements(plugins.fields(axis, name), class_of(axis, name), NEEDED.get(name))
    assert {key for settings in found for key in settings} == TOGETHER.get((axis, name), set())
    for settings in found:
        section, config = with_entry(axis, name, settings)
        with pytest.raises(UserError) as caught:
            check_grid_settings(config)
        text = str(caught.value)
        assert text.startswith(f"config: {section}.{name}: ") and "; allowed: " in text and "\n" not in text


@pytest.mark.parametrize("stage", STAGES)
def test_planning_and_the_settings_of_a_stage_admit_the_same_numbers(stage):
    assert not disagreements(settings_schema.of_stage(stage), STAGES[stage])


def test_a_check_that_planning_cannot_see_is_found():
    ed = class_of("loss", "ed")

    @dataclasses.dataclass(frozen=True)
    class ByHand(ed):
        def __post_init__(self):
            super().__post_init__()
            if self.M > 100:
                raise ValueError("M must be at most 100")

    assert disagreements(plugins.fields("loss", "ed"), ByHand) == [{"M": 10**9}]


def test_a_class_that_checks_nothing_is_found():
    @dataclasses.dataclass(frozen=True)
    class Unchecked(class_of("loss", "ed")):
        def __post_init__(self):
            pass

    with pytest.raises(AssertionError, match="-1"):
        disagreements(plugins.fields("loss", "ed"), Unchecked)


def test_most_settings_are_numbers_with_a_range():
    numbers = [field for axis, name in EVERY for field in plugins.fields(axis, name).values() if probes(field)]
    assert len(numbers) > 200
    # a threshold may have any sign
    assert [field.default for field in numbers if not field.range] == [0.5]
