"""Tables quoted in README and docs/results are rewritten from committed pages, and nothing else of a document is."""

from __future__ import annotations

import pytest

from ebmbench.provenance.audit import documented_numbers
from ebmbench.workflow.stages.quotes import write_quotes

PAGE = """# moons

Mean.

| method   | runs   | kl (nats)   |
|:---------|:-------|:------------|
| ed       | 5      | **0.1**     |
| cd       | 5      | 0.5         |

**Further metrics**

| method   | runs   | mmd2   |
|:---------|:-------|:-------|
| ed       | 5      | 0.01   |
| cd       | 5      | 0.02   |
"""

README = """# A title with 0.3 in it

**overview**: all

| data set | page | metric | ed | nce |
| --- | --- | --- | --- | --- |
| moons | default/moons | kl (nats) | 0.3 |  |

A sentence with | a bar.
"""

RESULTS = """**moons**: two columns

| method | kl (nats) | mmd2 |
| --- | --- | --- |
| ed | 0.1 | 0.3 |
| cd | 0.5 | 0.02 |
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "results/reference/default").mkdir(parents=True)
    (tmp_path / "docs/results").mkdir(parents=True)
    (tmp_path / "results/reference/default/moons.md").write_text(PAGE)
    (tmp_path / "README.md").write_text(README)
    (tmp_path / "docs/results/default.md").write_text(RESULTS)
    return tmp_path


def failed(root):
    found = documented_numbers.against(documented_numbers.documents(root), root / "results/reference")
    return [of for of in found if of.where != "all"]


def test_cells_of_both_tables_of_a_page_are_rewritten_and_the_audit_is_clean(root):
    assert len(failed(root)) == 3
    assert write_quotes(root) == ["README.md: 1 rows rewritten", "docs/results/default.md: 1 rows rewritten"]
    assert failed(root) == []
    assert (root / "README.md").read_text() == README.replace("| 0.3 |  |", "| **0.1** |  |")
    assert (root / "docs/results/default.md").read_text() == RESULTS.replace("| 0.1 | 0.3 |", "| **0.1** | 0.01 |")


def test_rewritten_documents_stay_as_they_are(root):
    write_quotes(root)
    before = (root / "README.md").stat().st_mtime_ns
    assert write_quotes(root) == []
    assert (root / "README.md").stat().st_mtime_ns == before


def test_a_row_or_a_column_that_no_page_has_is_named_and_kept(root):
    path = root / "docs/results/default.md"
    path.write_text(RESULTS.replace("| cd |", "| ml |").replace("mmd2", "tv"))
    lines = write_quotes(root)
    assert "docs/results/default.md: default/moons, ed, tv: not on the page" in lines
    assert "docs/results/default.md: default/moons, ml, kl (nats): not on the page" in lines
    assert "| ml | 0.5 | 0.02 |" in path.read_text()
