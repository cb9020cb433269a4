"""The methods page: name, formula, source and file of every plug-in, from its docstring. Imports no torch."""

from __future__ import annotations

from ebmbench.core import plugins
from ebmbench.reporting.docstrings import cell, plugin_paragraphs

#: axes and other plug-in choices in the order of the page -> their headings
SECTIONS = {
    "family": "Families",
    "loss": "Losses",
    "stats": "Moment-matching methods",
    "statistic": "Statistics",
    "sampler": "Samplers",
    "likelihood": "Estimators of log Z",
    "dataset": "Data sets",
    "extractor": "Feature extractors",
}

_HEAD = """# Methods

Every plug-in of the configuration, with the first paragraph of its docstring. The linked module describes settings,
costs and limits.
This page is made by `python -m ebmbench methods > docs/methods.md`.
"""


def methods_page() -> str:
    """Return the page: a table of name, formula and source, and file for each of :data:`SECTIONS`."""
    return "\n".join([_HEAD, *(_section(axis, title) for axis, title in SECTIONS.items())])


def first_paragraph(axis: str, name: str) -> str:
    """Return the first paragraph of a plug-in's docstring, as a cell of a Markdown table."""
    return cell(plugin_paragraphs(axis, name)[0])


def _section(axis: str, title: str) -> str:
    rows = [f"| `{name}` | {first_paragraph(axis, name)} | {_link(axis, name)} |" for name in plugins.built_in(axis)]
    return "\n".join([f"## {title}\n", "| name | formula, source | file |", "| --- | --- | --- |", *rows, ""])


def _link(axis: str, name: str) -> str:
    path = plugins.plugin_path(axis, name).relative_to(plugins.PACKAGE.parent.parent).as_posix()
    return f"[{name}.py](../{path})"
