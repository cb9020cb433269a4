"""The methods page: name, formula, source and file of every plug-in, from its docstring. Imports no torch."""

from __future__ import annotations

import ast
import re

from ebmbench.core import plugins

#: axes and other plug-in choices in the order of the page -> their headings
SECTIONS = {
    "family": "Families",
    "loss": "Losses",
    "stats": "Ways to match statistics",
    "statistic": "Statistics",
    "sampler": "Samplers",
    "likelihood": "Ways to log Z",
    "dataset": "Data sets",
    "extractor": "Extractors of features",
}

_HEAD = """# Methods

Each entry of the configuration's axes by the first words of its module, which go on with settings, costs and limits.
This page is made by `python -m ebmbench methods > docs/methods.md`.
"""


def methods_page() -> str:
    """Return the page: a table of name, formula and source, and file for each of :data:`SECTIONS`."""
    return "\n".join([_HEAD, *(_section(axis, title) for axis, title in SECTIONS.items())])


def first_paragraph(axis: str, name: str) -> str:
    """Return the first paragraph of a plug-in's docstring as one line; references to code keep their last name only."""
    tree = ast.parse(plugins.plugin_path(axis, name).read_text(encoding="utf-8"))
    (exported,) = [
        node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    (class_name,) = ast.literal_eval(exported.value)
    (found,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_name]
    first = " ".join((ast.get_docstring(found) or "").split("\n\n")[0].split())
    return re.sub(r":\w+:`~?(?:[\w.]*\.)?(\w+)`", r"`\1`", first.replace("``", "`")).replace("|", r"\|")


def _section(axis: str, title: str) -> str:
    rows = [f"| `{name}` | {first_paragraph(axis, name)} | {_link(axis, name)} |" for name in plugins.built_in(axis)]
    return "\n".join([f"## {title}\n", "| name | formula, source | file |", "| --- | --- | --- |", *rows, ""])


def _link(axis: str, name: str) -> str:
    path = plugins.plugin_path(axis, name).relative_to(plugins.PACKAGE.parent.parent).as_posix()
    return f"[{name}.py](../{path})"
