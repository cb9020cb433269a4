"""README's numbers are the committed tables' numbers, and its commands exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "results/reference"
TEXT = (ROOT / "README.md").read_text()


def rows(text):
    """Tables in markdown: a list of rows, each a dict from heading to cell."""
    found, heading = [], None
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else None
        if cells is None:
            heading = None
        elif heading is None:
            heading = cells
        elif not set("".join(cells)) <= set("-: "):
            found.append(dict(zip(heading, cells, strict=True)))
    return found


def readme_tables():
    """(page, its rows in README) for each line that begins with ``**dataset**`` or ``**grid/page**`` and its table."""
    found = re.findall(r"^\*\*([\w/]+)\*\*.*\n\n((?:\|.*\n)+)", TEXT, flags=re.MULTILINE)
    return [(name if "/" in name else f"default/{name}", rows(body)) for name, body in found]


def key(row):
    """What a row is of: in tables of several data sets the method alone is not enough."""
    return tuple(row[name] for name in ("data set", "method", "against", "statistics", "claim", "on") if name in row)


def reference_rows(page):
    """The rows of a page by their key; raises for a page on which a key stands twice."""
    found = rows((REFERENCE / f"{page}.md").read_text())
    assert len({key(row) for row in found}) == len(found)
    return {key(row): row for row in found}


def test_there_are_tables_to_compare():
    assert {page for page, _ in readme_tables()} >= {"default/gaussians25", "energy_discrepancy/time_to_kl"}
    assert all(body for _, body in readme_tables())


@pytest.mark.parametrize(("page", "body"), readme_tables())
def test_readmes_numbers_are_the_reference_tables(page, body):
    reference = reference_rows(page)
    for row in body:
        for heading, cell in row.items():
            assert reference[key(row)][heading] == cell


def test_a_changed_number_would_be_seen():
    page, body = readme_tables()[0]
    reference = reference_rows(page)
    heading = next(name for name in body[0] if name not in ("method", "runs"))
    assert reference[key(body[0])][heading] != body[0][heading] + "1"


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
