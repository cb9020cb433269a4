"""Committed tables that hold no runs: they are held against their files and one commit."""

import pytest

from ebmbench.core.errors import UserError
from ebmbench.provenance import manifest
from ebmbench.provenance.audit.finding import FAILED, OK, UNKNOWN
from ebmbench.workflow.stages.run_manifest import write_table_manifest
from tests.helpers.committed_repository import outcomes


@pytest.fixture
def calibrated(repository):
    """Committed tables that hold no runs, with their manifest."""
    folder, _ = repository
    tables = folder / "results/reference/calibration"
    tables.mkdir()
    (tables / "samplers.csv").write_text("sampler,error\nula,0.1\n")
    write_table_manifest(tables, folder, ["HEAD"])
    return folder, tables


def test_tables_without_runs_are_held_against_their_files_and_commit(calibrated):
    folder, tables = calibrated
    assert set(outcomes(folder)[0].values()) == {OK}
    (tables / "samplers.csv").write_text("sampler,error\nula,0.01\n")
    checks, lines = outcomes(folder)
    assert checks["files"] == FAILED and [line.where for line in lines] == ["calibration/samplers.csv"]
    write_table_manifest(tables, folder, ["HEAD"])
    manifest.write_manifest(tables, manifest.read_manifest(tables)._replace(commit="1" * 40))
    assert outcomes(folder)[0]["config"] == FAILED


def test_tables_without_a_manifest_fail(calibrated):
    folder, tables = calibrated
    (tables / manifest.NAME).unlink()
    assert outcomes(folder)[0]["files"] == FAILED


def test_a_grid_needs_its_configuration(repository):
    folder, reference = repository
    with pytest.raises(UserError, match="--configfile is missing"):
        write_table_manifest(reference, folder, ["HEAD"])
    reported = manifest.read_manifest(reference)
    manifest.write_manifest(reference, reported._replace(configfile=None, config=None))
    checks, _ = outcomes(folder)
    assert checks["config"] == FAILED and checks["rows"] == UNKNOWN


@pytest.mark.parametrize(
    ("name", "commits", "message"),
    [("none", ["HEAD"], "the folder is missing"), ("calibration", ["HEAD", "HEAD"], "2 commits given; allowed: one")],
)
def test_tables_without_runs_are_of_one_commit(calibrated, name, commits, message):
    folder, tables = calibrated
    with pytest.raises(UserError, match=message):
        write_table_manifest(tables.parent / name, folder, commits)
