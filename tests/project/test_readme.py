"""README quotes committed pages by unique keys, is short, and names files and commands that exist."""

import re

import pytest

from ebmbench.provenance.audit import documented_numbers
from tests.helpers.paths import ROOT
from tests.helpers.reference_tables import TOP

REFERENCE = ROOT / "results/reference"
DOCUMENTS = documented_numbers.documents(ROOT)
TEXT = DOCUMENTS["README.md"]
QUOTED = sorted({cell.page for text in DOCUMENTS.values() for cell in documented_numbers.quoted(text)})

#: lines of a README that a reader still reads
LINES = 200


def test_readme_is_short():
    assert len(TEXT.splitlines()) <= LINES


def test_it_has_a_table_over_all_data_sets():
    rows = [row for _, body in documented_numbers.tables(TEXT) for row in body]
    assert len(rows) >= 15
    assert {f"{TOP}/gaussians25", "gebm/redwine", "default/digits"} <= {row["page"] for row in rows}


def test_there_are_tables_to_compare():
    assert {"default/gaussians25", "energy_discrepancy_notebook/time_to_kl", "claims/claims"} <= set(QUOTED)


@pytest.mark.parametrize("page", QUOTED)
def test_a_key_occurs_once_on_a_quoted_page(page):
    """Several tables of a page may have the row, each with other columns than those that they share."""
    found = documented_numbers.rows((REFERENCE / f"{page}.md").read_text())
    assert found
    cells = [(documented_numbers.key(row), *cell) for row in found for cell in row.items()]
    assert len({cell[:2] for cell in cells}) == len(set(cells))
    assert len({tuple(row.items()) for row in found}) == len(found)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_marked_line_has_its_table(document):
    """Else the audit would skip the table without a word."""
    marked = re.findall(r"^\*\*[\w/]+\*\*:", DOCUMENTS[document], flags=re.MULTILINE)
    assert len(marked) == len(documented_numbers.tables(DOCUMENTS[document]))


def test_its_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^    make (\w+)", TEXT, flags=re.MULTILINE))
    assert {"quick", "results", "test"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
