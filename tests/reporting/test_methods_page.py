"""The page of methods is that of the modules, and every method says what it computes."""

import pytest

from ebmbench.core import plugins
from ebmbench.reporting import methods_page
from tests.helpers.paths import ROOT

METHODS = [(axis, name) for axis in methods_page.SECTIONS for name in plugins.built_in(axis)]


@pytest.fixture(scope="module")
def page():
    return methods_page.methods_page()


def test_the_committed_page_is_made_of_the_modules(page):
    assert (ROOT / "docs/methods.md").read_text() == page, "make it anew: ebmbench methods > docs/methods.md"


@pytest.mark.parametrize(("axis", "name"), METHODS)
def test_each_method_has_a_line_and_a_file(page, axis, name):
    reported, path = methods_page.first_paragraph(axis, name), plugins.plugin_path(axis, name).relative_to(ROOT)
    assert len(reported) > 10 and ":class:" not in reported
    assert f"| `{name}` | {reported} | [{name}.py](../{path}) |" in page
    assert (ROOT / path).is_file()


def test_losses_name_their_source_and_formula():
    for name in set(plugins.built_in("loss")) - {"none"}:
        text = (ROOT / "src/ebmbench/training/losses" / f"{name}.py").read_text()
        assert any(year in text for year in map(str, range(1990, 2026))) or name == "ml", name
        assert "=" in methods_page.first_paragraph("loss", name) or name == "pcd"
