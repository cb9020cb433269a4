"""The settings page: type, range and default of every setting, from the dataclasses that use them. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ebmbench.core import plugins
from ebmbench.planning import settings_schema
from ebmbench.reporting.docstrings import cell, paragraphs, plugin_paragraphs
from ebmbench.reporting.methods_page import SECTIONS

#: axes with settings in the order of the page -> their headings
AXES = SECTIONS | {"figure": "Figures", "experiment": "Experiments"}

#: stages with settings -> their headings
STAGES = {"train": "`train`: how models are trained", "sample": "`sample`: how trained models are sampled"}

_HEAD = """# Settings

Every setting of the configuration with its type, range and default, and what its class says of it. All numbers must be
finite. The [configuration keys](configuration.md) say where a setting goes.
This page is made by `python -m ebmbench settings > docs/reference/settings.md`.
"""


def settings_page() -> str:
    """Return the page: the stages' settings, then those of every plug-in that has some."""
    stages = [_entry(f"## {title}", *_stage(stage)) for stage, title in STAGES.items()]
    return "\n".join([_HEAD, *stages, *(_section(axis, title) for axis, title in AXES.items())])


def _stage(stage: str) -> tuple[list[str], Mapping[str, plugins.Field]]:
    module, class_name = settings_schema.STAGES[stage]
    return paragraphs(plugins.PACKAGE / module, class_name), settings_schema.of_stage(stage)


def _section(axis: str, title: str) -> str:
    names = [name for name in plugins.built_in(axis) if plugins.fields(axis, name)]
    entries = [_entry(f"### {name}", plugin_paragraphs(axis, name), plugins.fields(axis, name)) for name in names]
    return "\n".join([f"## {title}\n", *entries])


def _entry(heading: str, described: Sequence[str], fields: Mapping[str, plugins.Field]) -> str:
    return "\n\n".join([heading, *described, _table(fields.items())]) + "\n"


def _table(fields: Iterable[tuple[str, plugins.Field]]) -> str:
    rows = [f"| `{name}` | {_type(field)} | `{field.default!r}` |" for name, field in fields]
    return "\n".join(["| setting | type and range | default |", "| --- | --- | --- |", *rows])


def _type(field: plugins.Field) -> str:
    """Return the type of a setting, followed by its range where it has one."""
    return cell(", ".join(filter(None, [f"`{field.type_name}`", field.range])))
