"""The last lines of a run name its tables and count the runs without a result."""

import pytest

from ebmbench.workflow.closing_lines import closing_lines


@pytest.fixture
def results(tmp_path):
    tables = tmp_path / "my results/tables"
    tables.mkdir(parents=True)
    (tables / "README.md").write_text("# tables\n")
    (tables / "runs.csv").write_text("run,status\na/s0,ok\na/s1,diverged\nb/s0,ok\n")
    return tables.parent


def test_a_folder_without_tables_has_no_lines(tmp_path):
    assert closing_lines(tmp_path) == []


def test_no_failure(results):
    lines = closing_lines(results)
    assert len(lines) == 3
    assert lines[0] == f"tables: {results}/tables/README.md"
    assert lines[2] == "failed: none"


def test_failures_are_counted_by_run_and_located(results):
    (results / "tables/failures.csv").write_text("run,part\na/s1,training\na/s1,samples\n")
    assert closing_lines(results)[2] == f"failed: 1 of 3 runs have no result, see {results}/tables/failures.md"
