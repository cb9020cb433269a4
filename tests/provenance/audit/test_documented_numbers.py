"""Quoted tables against committed pages: a digit changed in README or in docs/results is found and located."""

import pytest

from ebmbench.provenance.audit import documented_numbers
from ebmbench.provenance.audit.finding import FAILED, OK
from tests.helpers.paths import ROOT

REFERENCE = ROOT / "results/reference"
DOCUMENTS = documented_numbers.documents(ROOT)

PAGE = "| method | kl (nats) |\n|:---|:---|\n| ed | 0.1 |\n| cd | 0.5 |\n"
OVERVIEW = "**overview**: all\n\n| data set | page | metric | ed | nce |\n| --- | --- | --- | --- | --- |\n"


def lines(found):
    return [of.line for of in found if of.where != "all"]


@pytest.fixture
def reference(tmp_path):
    (tmp_path / "default").mkdir()
    (tmp_path / "default/moons.md").write_text(PAGE)
    return tmp_path


def changed(text, old, new):
    assert old in text
    return text.replace(old, new, 1)


def test_every_page_of_results_is_a_document():
    assert set(DOCUMENTS) == {"README.md"} | {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "docs/results").glob("*.md")
    }


def test_all_documents_are_as_committed():
    found = documented_numbers.against(DOCUMENTS, REFERENCE)
    assert lines(found) == []
    assert found[0].outcome == OK
    assert int(found[0].detail.split()[0]) > 800


@pytest.mark.parametrize(
    ("document", "old", "new", "place"),
    [
        (
            "docs/results/default.md",
            "| kde · ml | 3 | 0.084",
            "| kde · ml | 3 | 0.085",
            "default/gaussians25, kde · ml",
        ),
        (
            "docs/results/gebm.md",
            "3.14 ± 0.28 better",
            "3.14 ± 0.29 better",
            "gebm/gap_closed, redwine gebm_gaussian · kale_f",
        ),
        (
            "docs/results/hybrid.md",
            "| all_after | 7 of 9",
            "| all_after | 8 of 9",
            "hybrid/statistics_claims, all_after",
        ),
        (
            "docs/results/images.md",
            "| lebm · ed | 3 | 172 ± 32",
            "| lebm · ed | 3 | 173 ± 32",
            "images_cpu/mnist, lebm · ed",
        ),
        (
            "docs/results/claims.md",
            "| .00015 | 2 held, 7 undecided",
            "| .00015 | 3 held, 7 undecided",
            "claims/claims, At an",
        ),
        ("README.md", "0.00219 ± 0.00071 §", "0.00219 ± 0.00072 §", "energy_discrepancy_x16/gaussians8, ebm · ed"),
        ("README.md", "gebm/redwine", "gebm/redwein", "gebm/redwein, ebm · ed"),
    ],
)
def test_a_changed_cell_is_found_in_its_document(document, old, new, place):
    found = documented_numbers.against(DOCUMENTS | {document: changed(DOCUMENTS[document], old, new)}, REFERENCE)
    assert found[0].outcome == FAILED
    assert lines(found)[0].startswith(f"documents: {document}, {place}")


def test_every_digit_of_every_quoted_cell_counts():
    """Power: each cell with a digit, changed alone, is found."""
    text = DOCUMENTS["docs/results/default.md"]
    cells = [cell for cell in documented_numbers.quoted(text) if any(map(str.isdigit, cell.text))]
    assert len(cells) > 50
    for cell in cells:
        digit = next(filter(str.isdigit, cell.text))
        other = cell.text.replace(digit, str((int(digit) + 1) % 10), 1)
        page = changed(text, f"| {cell.text} |", f"| {other} |")
        assert documented_numbers.against({"docs/results/default.md": page}, REFERENCE)[0].outcome == FAILED, cell


def test_a_table_over_pages_quotes_each_method_and_leaves_absent_ones_empty(reference):
    row = "| moons | default/moons | kl (nats) | {} | {} |\n"
    assert lines(documented_numbers.against({"a": OVERVIEW + row.format("0.1", "")}, reference)) == []
    missing = documented_numbers.against({"a": OVERVIEW + row.format("", "")}, reference)
    assert lines(missing) == ["documents: a, default/moons, ed, kl (nats): '', committed '0.1'"]
    invented = documented_numbers.against({"a": OVERVIEW + row.format("0.1", "0.2")}, reference)
    assert lines(invented) == ["documents: a, default/moons, nce, kl (nats): '0.2', committed None"]


def test_a_table_over_pages_does_not_accept_a_page_or_metric_that_is_missing(reference):
    for row in ("| moons | default/mons | kl (nats) |  |  |\n", "| moons | default/moons | nll | 0.1 |  |\n"):
        assert documented_numbers.against({"a": OVERVIEW + row}, reference)[0].outcome == FAILED


def test_documents_without_tables_do_not_pass():
    assert [of.outcome for of in documented_numbers.against({"a": "# Nothing\n"}, REFERENCE)] == [FAILED]
