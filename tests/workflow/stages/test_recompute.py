"""What a recomputation hands to Snakemake: the job's files alone, with the committed configuration and code."""

import json
import shutil
import subprocess

import pytest

from ebmbench.core.errors import UserError
from ebmbench.provenance.recorded_run import configuration, find_run
from ebmbench.workflow.stages import recompute
from tests.helpers.paths import ROOT


@pytest.fixture
def checkout(tmp_path):
    """A repository whose one commit holds the committed smoke run, all its code a line of a Snakefile."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "results/reference/smoke", folder / "results/reference/smoke")
    shutil.copytree(ROOT / "config", folder / "config")
    (folder / "Snakefile").write_text("# then\n")
    for name in ("workflow", "profiles", "envs", "src"):
        (folder / name).mkdir()
        (folder / name / "file").write_text("then\n")
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "then"]):
        subprocess.run([*git, *words], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    path = folder / "results/reference/smoke/provenance.json"
    content = json.loads(path.read_text())
    content["commit"] = commit
    for code in content["code"].values():
        code["commit"] = commit
    path.write_text(json.dumps(content))
    (folder / "Snakefile").write_text("# now\n")
    return folder


@pytest.fixture
def calls(monkeypatch):
    """Targets, Snakefile, configuration and settings of each call of Snakemake, which makes its targets."""
    found = []

    def run_jobs(targets, source, root, config, settings):
        found.append((targets, (source / "Snakefile").read_text(), config.read_text(), settings))
        for target in targets:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("metric\nkl\n")

    monkeypatch.setattr(recompute, "_run_jobs", run_jobs)
    return found


def smoke(checkout):
    run = find_run(checkout / "results/reference", "smoke", "ring8_unequal", "ebm-ed-none", 1)
    return run, configuration(run, checkout)


def test_a_run_of_a_rung_is_made_in_the_folder_of_the_rung(checkout, calls, tmp_path):
    run, found = smoke(checkout)
    run = run._replace(origin=run.origin._replace(rung=4))
    recompute.recompute(run, found, checkout, tmp_path / "again", recorded=False)
    ((targets, _, _, settings),) = calls
    assert str(targets[0]).startswith(str(tmp_path / "again/x4/runs/ring8_unequal/ebm-ed-none"))
    assert settings["rung"] == 4 and settings["results"] == str(tmp_path / "again")


def test_only_the_score_files_of_the_seed_are_asked_for(checkout, calls, tmp_path):
    run, found = smoke(checkout)
    fresh = recompute.recompute(run, found, checkout, tmp_path / "out", recorded=False)
    ((targets, snakefile, config, settings),) = calls
    assert targets == [tmp_path / "out/runs/ring8_unequal/ebm-ed-none/seeds1-1/scores.csv"]
    assert snakefile == "# now\n" and config == (ROOT / "config/smoke.yaml").read_text()
    assert settings == {"results": str(tmp_path / "out"), "device": "cpu"}
    assert list(fresh["metric"]) == ["kl"]


def test_images_have_a_second_file_of_scores(checkout, calls, tmp_path):
    run, found = smoke(checkout)
    judged = found._replace(content=b"extractors: {ring8_unequal: {cnn: {}}}\n")
    fresh = recompute.recompute(run, judged, checkout, tmp_path / "out", recorded=False)
    assert [path.name for path in calls[0][0]] == ["scores.csv", "image_scores.csv"] and len(fresh) == 2


def test_recorded_code_is_that_of_the_commit(checkout, calls, tmp_path):
    run, found = smoke(checkout)
    recompute.recompute(run, found, checkout, tmp_path / "out", recorded=True)
    assert calls[0][1] == "# then\n" and (checkout / "Snakefile").read_text() == "# now\n"


def test_a_configuration_that_has_changed_is_read_from_the_commit(checkout):
    path = checkout / "config/smoke.yaml"
    then = path.read_bytes()
    path.write_text("seeds: 9\n")
    run, found = smoke(checkout)
    assert found == (then, True)
    assert "changed here since, so that of the commit is used" in recompute.about(run, found, checkout, recorded=False)


def test_lines_about_a_run_name_commit_configuration_and_environment(checkout):
    run, found = smoke(checkout)
    lines = recompute.about(run, found, checkout, recorded=False).splitlines()
    assert [line.split()[0] for line in lines] == ["run", "configuration", "code", "environment", "seconds"]
    assert f"config/smoke.yaml of commit {run.origin.commit[:12]}; unchanged here" in lines[1]
    assert "changed or moved since; `--code recorded` runs that of the commit" in lines[2]
    assert f"torch {run.versions['torch']}" in lines[3] and run.row["provenance.host.processor"] in lines[3]
    assert "run from a copy of the commit" in recompute.about(run, found, checkout, recorded=True)


def test_recorded_code_that_is_not_there_or_lacks_a_package_is_one_line(checkout, calls, tmp_path):
    run, found = smoke(checkout)
    lost = run._replace(
        origin=run.origin._replace(code=dict.fromkeys(run.origin.code, run.code._replace(commit="0" * 40)))
    )
    with pytest.raises(UserError, match=f"commit {'0' * 40} is not in its history"):
        recompute.recompute(lost, found, checkout, tmp_path / "out", recorded=True)
    lacking = run._replace(row={**run.row, "provenance.versions.not-a-package": "1.2"})
    with pytest.raises(UserError, match=r"needs not-a-package 1\.2; install it, or use --code now"):
        recompute.recompute(lacking, found, checkout, tmp_path / "out", recorded=True)
    assert calls == []


def test_a_folder_that_is_no_checkout_is_one_line(checkout, tmp_path):
    run, found = smoke(checkout)
    with pytest.raises(UserError, match="Snakefile: the file is missing; run this in a checkout, or give --root"):
        recompute.recompute(run, found, tmp_path, tmp_path / "out", recorded=False)
