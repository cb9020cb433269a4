"""Committed runs against a repository made for it: what is the commit's passes, what is not fails with its line."""

import shutil
import subprocess

import pandas as pd
import pytest
import yaml

from ebmbench.core.errors import UserError
from ebmbench.data.moons import Moons
from ebmbench.provenance import manifest
from ebmbench.provenance.audit.commit_check import Commits, PreparedData
from ebmbench.provenance.audit.finding import FAILED, OK, UNKNOWN
from ebmbench.workflow.stages.run_manifest import write_run_manifest
from tests.helpers.committed_repository import CONFIG, SCHEMA, doctored, git, outcomes, runs_of, sealed


def test_what_is_the_commits_passes(made):
    checks, lines = outcomes(made)
    assert checks == dict.fromkeys(("files", "config", "code", "rows"), OK)
    assert not lines


def test_a_run_of_a_rung_is_checked_with_that_rung(repository):
    folder, reference = repository
    space = {"match": {"loss": "ed"}, "space": {"loss": {"M": [1, 2]}}}
    laddered = CONFIG | {"rungs": [1, 4], "tuning": {"spaces": [space]}}
    (folder / "config/own.yaml").write_text(yaml.safe_dump(laddered))
    git(folder, "commit", "--quiet", "--all", "--message", "rungs")
    assert manifest.read_manifest(reference).rung is None
    assert "rung" not in (reference / manifest.NAME).read_text()
    for asked, found in ((None, 4), (1, 1)):
        write_run_manifest(reference, "config/own.yaml", folder, ["HEAD"], asked)
        assert manifest.read_manifest(reference).rung == found
    assert Commits(folder).config(manifest.read_manifest(reference), SCHEMA)["rung"] == 1
    assert set(outcomes(folder)[0].values()) == {OK}
    with pytest.raises(UserError, match="rung = 2 is not one of rungs; allowed: 1, 4"):
        write_run_manifest(reference, "config/own.yaml", folder, ["HEAD"], 2)


def test_later_commits_do_not_matter(repository):
    folder, _ = repository
    with (folder / "src/ebmbench/training/losses/ed.py").open("a") as file:
        file.write("\n# another line\n")
    (folder / "config/own.yaml").write_text("datasets: {}\n")
    git(folder, "commit", "--quiet", "--all", "--message", "two")
    assert set(outcomes(folder)[0].values()) == {OK}


@pytest.mark.parametrize("name", ["runs.csv", "scores.csv", "more.csv"])
def test_a_file_that_is_edited_or_new_is_reported(repository, name):
    folder, reference = repository
    with (reference / name).open("a") as file:
        file.write("\n")
    checks, lines = outcomes(folder)
    assert checks["files"] == FAILED
    assert [line.where for line in lines if line.check == "files"] == [f"own/{name}"]


def test_a_run_that_does_not_say_where_it_is_from_is_reported(repository):
    folder, reference = repository
    (reference / manifest.NAME).unlink()
    assert outcomes(folder)[0]["files"] == FAILED


@pytest.mark.parametrize(
    ("column", "value", "name"),
    [
        ("provenance.code_digest", "0" * 16, "code"),
        ("provenance.data_digest", "0" * 64, "rows"),
    ],
)
def test_a_foreign_digest_is_reported(repository, column, value, name):
    folder, reference = repository
    doctored(reference, column, value)
    checks, lines = outcomes(folder)
    assert {key for key, outcome in checks.items() if outcome == FAILED} == {name}
    assert len(lines) == 1
    assert value in lines[0].detail


def test_another_code_behind_a_digest_that_is_named_is_reported(repository):
    folder, reference = repository
    reported = manifest.read_manifest(reference)
    digest, of = next(iter(reported.code.items()))
    manifest.write_manifest(
        reference,
        reported._replace(code=reported.code | {digest: of._replace(modules=["ebmbench.training.losses.nce"])}),
    )
    assert outcomes(folder)[0]["code"] == FAILED


def test_another_configuration_is_reported(repository):
    folder, reference = repository
    manifest.write_manifest(reference, manifest.read_manifest(reference)._replace(config="0" * 64))
    assert outcomes(folder)[0]["config"] == FAILED


def test_rows_of_another_processor_are_no_failure(repository):
    folder, reference = repository
    doctored(reference, "provenance.data_digest", "0" * 64)
    doctored(reference, "provenance.host.processor", "abacus")
    assert outcomes(folder)[0]["rows"] == UNKNOWN


def test_a_commit_that_the_history_has_not_is_a_failure(repository):
    folder, reference = repository
    manifest.write_manifest(reference, manifest.read_manifest(reference)._replace(commit="1" * 40))
    checks, _ = outcomes(folder)
    assert (checks["config"], checks["rows"]) == (FAILED, FAILED)


def test_without_a_history_it_is_unknown_not_passed(repository):
    folder, _ = repository
    shutil.rmtree(folder / ".git")
    checks, _ = outcomes(folder)
    assert checks == {"files": OK, "config": UNKNOWN, "code": UNKNOWN, "rows": UNKNOWN}


def test_a_shallow_history_is_unknown_not_passed(repository, tmp_path):
    folder, _ = repository
    (folder / "more.txt").write_text("more")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "two")
    short = tmp_path / "short"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", f"file://{folder}", short], check=True)
    assert outcomes(short)[0]["code"] == UNKNOWN


def test_code_that_is_of_no_commit_is_not_accepted(repository):
    folder, reference = repository
    with (folder / "src/ebmbench/training/losses/ed.py").open("a") as file:
        file.write("\n# not committed\n")
    runs_of(folder).to_csv(reference / "runs.csv", index=False)
    with pytest.raises(UserError, match=r"moons/ebm-ed-none/s0: its code digest .* is not that of"):
        write_run_manifest(reference, "config/own.yaml", folder, ["HEAD"])


def test_a_configuration_that_the_commit_has_not_is_not_accepted(repository):
    folder, reference = repository
    with pytest.raises(UserError, match=r"config/other\.yaml: commit"):
        write_run_manifest(reference, "config/other.yaml", folder, ["HEAD"])


def renamed(folder):
    """The module of a loss under another name, in a commit of its own."""
    losses = folder / "src/ebmbench/training/losses"
    (losses / "dsm.py").rename(losses / "denoising.py")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a module has another name")


def test_provenance_written_again_after_a_module_was_renamed_keeps_what_still_verifies(repository):
    folder, reference = repository
    before = manifest.read_manifest(reference)
    renamed(folder)
    write_run_manifest(reference, "config/own.yaml", folder, ["HEAD"])
    assert manifest.read_manifest(reference).code == before.code
    assert set(outcomes(folder)[0].values()) == {OK}


def test_provenance_written_again_refuses_an_entry_that_no_longer_verifies(repository):
    folder, reference = repository
    reported = manifest.read_manifest(reference)
    false = {digest: of._replace(modules=["ebmbench.training.losses.nce"]) for digest, of in reported.code.items()}
    manifest.write_manifest(reference, reported._replace(code=false))
    renamed(folder)
    with pytest.raises(UserError, match="not that of"):
        write_run_manifest(reference, "config/own.yaml", folder, ["HEAD"])


@pytest.mark.parametrize(("column", "value"), [("dataset", "rings"), ("seed", "first"), ("seed", "-1")])
def test_a_run_of_no_data_set_or_seed_of_the_configuration_is_a_line(repository, column, value):
    folder, reference = repository
    runs = pd.read_csv(reference / "runs.csv", dtype=str)
    runs.loc[0, column] = value
    runs.to_csv(reference / "runs.csv", index=False)
    sealed(reference)
    checks, lines = outcomes(folder)
    assert {key for key, outcome in checks.items() if outcome == FAILED} == {"rows"}
    assert value in lines[0].where and lines[0].detail == "1 runs of runs.csv; allowed: a seed and one of moons"


@pytest.mark.parametrize("text", ["", "run,dataset\n", "a,b\n1,2,3\n"])
def test_a_damaged_table_of_runs_is_a_line_of_each_check_that_reads_it(repository, text):
    folder, reference = repository
    (reference / "runs.csv").write_text(text)
    sealed(reference)
    checks, lines = outcomes(folder)
    assert {key for key, outcome in checks.items() if outcome == FAILED} == {"code", "rows"}
    assert len(lines) == 2 and all("runs.csv" in line.detail for line in lines)


def test_a_malformed_manifest_is_a_line(repository):
    folder, reference = repository
    path = reference / manifest.NAME
    path.write_text(path.read_text().replace('"modules"', '"module"'))
    checks, lines = outcomes(folder)
    assert checks["files"] == FAILED
    assert lines[0].detail.endswith("code is malformed; allowed: a commit and modules for each digest")


def test_data_of_several_grids_are_prepared_once(monkeypatch):
    asked = []

    def splits(self, seed):
        asked.append((self.train, seed))
        return made(self, seed)

    made = Moons.splits
    monkeypatch.setattr(Moons, "splits", splits)
    digest, small, large = PreparedData(), {"train": 50, "val": 50}, {"val": 50, "train": 60}
    found = [digest("moons", settings, seed) for settings, seed in ((small, 0), (large, 0), (small, 1), (small, 0))]
    assert asked == [(50, 0), (60, 0), (50, 1)]
    assert found[0] == found[3] and len(set(found)) == 3
