"""Docstrings of classes as Markdown, read from the source without importing it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from ebmbench.core import plugins


def plugin_paragraphs(axis: str, name: str) -> list[str]:
    """Return the paragraphs of a plug-in's docstring, each as one line of Markdown."""
    path = plugins.plugin_path(axis, name)
    return paragraphs(path, plugins.class_name(axis, name))


def paragraphs(path: Path, class_name: str) -> list[str]:
    """Return the paragraphs of a class's docstring, each as one line of Markdown.

    References to code keep their last name only. Raises :class:`ValueError` if ``path`` does not hold the class.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (found,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_name]
    text = ast.get_docstring(found) or ""
    return [_markdown(" ".join(paragraph.split())) for paragraph in text.split("\n\n")]


def _markdown(text: str) -> str:
    return re.sub(r":\w+:`~?(?:[\w.]*\.)?(\w+)`", r"`\1`", text.replace("``", "`"))


def cell(text: str) -> str:
    """Escape a text for a cell of a Markdown table."""
    return text.replace("|", r"\|")
