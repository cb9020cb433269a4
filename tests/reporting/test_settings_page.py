"""The page of settings is that of the classes, and every setting is on it with its type, range and default."""

import pytest

from ebmbench.core import plugins
from ebmbench.planning import settings_schema
from ebmbench.reporting.settings_page import AXES, STAGES, settings_page
from tests.helpers.paths import ROOT

PAGE = settings_page()


def test_the_committed_page_is_made_of_the_classes():
    assert (ROOT / "docs/reference/settings.md").read_text() == PAGE


def test_every_kind_of_plug_in_and_every_stage_is_there():
    assert set(AXES) == set(plugins.PACKAGES) and set(STAGES) == set(settings_schema.STAGES)


@pytest.mark.parametrize("axis", AXES)
def test_every_setting_has_its_line_under_its_plug_in(axis):
    section = PAGE.split(f"\n## {AXES[axis]}\n")[1].split("\n## ")[0]
    for name in plugins.built_in(axis):
        for setting, field in plugins.fields(axis, name).items():
            entry = section.split(f"\n### {name}\n")[1].split("\n### ")[0]
            bar = chr(92) + "|"
            kind = f"`{field.type_name.replace('|', bar)}`"
            kind += f", {field.range.replace('|', bar)}" if field.range else ""
            assert f"| `{setting}` | {kind} | `{field.default!r}` |" in entry


@pytest.mark.parametrize(
    "row",
    [
        "| `learning_rate` | `float`, above 0 | `0.002` |",
        r"| `patience` | `int \| None`, 1 or more, or None | `None` |",
        "| `bounds` | `int`, 0, or 2 or more | `64` |",
        "| `grid` | `int`, 30 or more and a multiple of 30 | `360` |",
        "| `faces` | `int`, 10 or more and at most 162770 | `40000` |",
        "| `gaps` | `tuple[float, ...]`, 1 or more values, each above 0 | `(4.0, 6.0, 8.0, 10.0, 12.0)` |",
        "| `threshold` | `float` | `0.5` |",
    ],
)
def test_a_range_is_in_words(row):
    assert row in PAGE.splitlines()
