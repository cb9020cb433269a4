"""First lines of docstrings are in plain words, so that a stranger who reads only them knows what is there."""

import ast

import pytest

from tests.helpers.glossary import dialect
from tests.helpers.paths import ROOT

MODULES = sorted((ROOT / "src/ebmbench").rglob("*.py"))
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def first_lines(text):
    """(line number, first line) of every docstring."""
    for node in ast.walk(ast.parse(text)):
        docstring = ast.get_docstring(node) if isinstance(node, DOCUMENTED) else None
        if docstring:
            yield getattr(node, "lineno", 1), docstring.partition("\n")[0]


@pytest.mark.parametrize("room", sorted({path.relative_to(ROOT / "src/ebmbench").parts[0] for path in MODULES}))
def test_first_lines_are_in_plain_words(room):
    folder = ROOT / "src/ebmbench" / room
    found = {
        f"{path.relative_to(ROOT)}:{number}: {line}": dialect(line + "\n")
        for path in MODULES
        if path.is_relative_to(folder)
        for number, line in first_lines(path.read_text())
    }
    assert {place: words for place, words in found.items() if words} == {}


def test_a_word_of_the_dialect_is_found():
    text = 'def f():\n    """Two laws, and a third."""\n\n\nclass A:\n    """A share of the draws of a law."""\n'
    assert [bool(dialect(line + "\n")) for _, line in first_lines(text)] == [True, True]
