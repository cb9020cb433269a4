"""README quotes pages whose rows can be told apart, and its files and commands exist."""

import re

import pytest

from ebmbench.provenance.audit import documented_numbers
from tests.helpers.paths import ROOT

REFERENCE = ROOT / "results/reference"
TEXT = (ROOT / "README.md").read_text()


def test_there_are_tables_to_compare():
    found = documented_numbers.tables(TEXT)
    assert {page for page, _ in found} >= {"default/gaussians25", "energy_discrepancy/time_to_kl"}
    assert all(body for _, body in found)


@pytest.mark.parametrize("page", [page for page, _ in documented_numbers.tables(TEXT)])
def test_on_a_page_that_readme_quotes_a_key_stands_once(page):
    found = documented_numbers.rows((REFERENCE / f"{page}.md").read_text())
    assert len({documented_numbers.key(row) for row in found}) == len(found)


def test_files_that_readme_points_to_exist():
    links = re.findall(r"\]\(([^)#:]+)\)", TEXT)
    assert len(links) > 5
    for link in links:
        assert (ROOT / link).exists(), link


def test_its_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^    make (\w+)", TEXT, flags=re.MULTILINE))
    assert {"results", "test"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
