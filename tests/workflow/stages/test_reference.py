"""A committed run is replaced as a whole or not at all."""

from datetime import date

import pandas as pd
import pytest

from ebmbench.core.errors import UserError
from ebmbench.core.files import read_json, write_json
from ebmbench.workflow.stages import reference
from ebmbench.workflow.stages.changelog import HEAD
from ebmbench.workflow.stages.reference import RunSource, kept_files, write_reference
from tests.helpers.audit_scores import scores

DAY = date(2026, 1, 2)

#: files of a results folder, and the places of those that a committed run keeps
FILES = {
    "invocations.csv": "invocations.csv",
    "tables/scores.csv": "scores.csv",
    "tables/runs.csv": "runs.csv",
    "tables/gap_closed.csv": "gap_closed.csv",
    "tables/moons.md": "moons.md",
    "figures/pareto.png": "figures/pareto.png",
    "figures/pareto.csv": "figures/pareto.csv",
    "experiments/anytime/figure.png": "figures/anytime.png",
    "experiments/anytime/figure.csv": "figures/anytime.csv",
    "tables/statistics.csv": None,
    "tables/moons.tex": None,
    "tables/.moons.7.partial.md": None,
    "figures/pareto.pdf": None,
    "figures/density_panels_grid.csv": None,
    "figures/manifold_panels_draws.csv": None,
    "experiments/anytime/figure.pdf": None,
    "runs/moons/run.json": None,
}

KEPT = sorted(place for place in FILES.values() if place)


def files_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def results(tmp_path):
    folder = tmp_path / "results"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    table = scores()
    runs = [f"moons/{loss}/s{seed}" for loss, seed in zip(table["loss"], table["seed"], strict=True)]
    table.assign(run=runs).to_csv(folder / "tables/scores.csv", index=False)
    made = pd.DataFrame({"run": sorted(set(runs)), "provenance.data_digest": "one"})
    made.to_csv(folder / "tables/runs.csv", index=False)
    return folder


@pytest.fixture
def replace(results, tmp_path, monkeypatch):
    """Replaces the committed run `moons`, with a manifest that adds one entry to those that it finds."""

    def write_manifest(folder, configfile, root, commits, rung):
        assert rung == 4
        path = folder / "provenance.json"
        before = read_json(path)["code"] if path.is_file() else []
        write_json(path, {"code": [*before, *commits], "configfile": configfile, "files": files_in(folder)})

    monkeypatch.setattr(reference, "write_run_manifest", write_manifest)
    log = tmp_path / "CHANGELOG.md"
    log.write_text(f"# Changes\n\n{HEAD}")

    def replaced(commit):
        committed = tmp_path / "reference/moons"
        write_reference(results, committed, RunSource("config/own.yaml", tmp_path, [commit], rung=4), log, DAY)
        return committed

    return replaced


def test_a_first_run_keeps_the_listed_files_with_changelog_and_provenance(replace, results, tmp_path):
    committed = replace("first")
    assert files_in(committed) == sorted([*KEPT, "provenance.json"])
    for name, place in FILES.items():
        assert place is None or (committed / place).read_text() == (results / name).read_text()
    assert read_json(committed / "provenance.json") == {
        "code": ["first"],
        "configfile": "config/own.yaml",
        "files": KEPT,
    }
    assert "### 2026-01-02, moons\n\n* first run: 16 rows of 8 runs\n" in (tmp_path / "CHANGELOG.md").read_text()
    assert [path.name for path in committed.parent.iterdir()] == ["moons"]


def test_the_next_run_replaces_all_files_and_its_manifest_starts_from_the_old_one(replace, results, tmp_path):
    committed = replace("first")
    (results / "tables/moons.md").rename(results / "tables/rings.md")
    assert replace("second") == committed
    assert "rings.md" in files_in(committed) and "moons.md" not in files_in(committed)
    assert read_json(committed / "provenance.json")["code"] == ["first", "second"]
    assert "tolerances.csv" not in files_in(committed)
    log = (tmp_path / "CHANGELOG.md").read_text()
    assert "values of trained models compared, 0 differ from the committed ones" in log


def test_measured_tolerances_stay_until_they_are_measured_again(replace):
    committed = replace("first")
    (committed / "tolerances.csv").write_text("moves")
    replace("second")
    assert (committed / "tolerances.csv").read_text() == "moves"
    assert "tolerances.csv" in read_json(committed / "provenance.json")["files"]


@pytest.mark.parametrize("failing", ["shutil.copy", "write_run_manifest", "write_changelog", "Path.rename"])
def test_a_failure_half_way_leaves_the_old_folder(replace, results, monkeypatch, failing):
    committed = replace("first")
    before = {name: (committed / name).read_bytes() for name in files_in(committed)}
    (results / "tables/gap_closed.csv").write_text("new")
    owner, _, name = failing.rpartition(".")
    target = getattr(reference, owner) if owner else reference
    real, calls = getattr(target, name), []

    def fail(*arguments):
        calls.append(arguments)
        # a copy or a renaming after the first
        if owner and len(calls) != 2:
            return real(*arguments)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(target, name, fail)
    with pytest.raises(OSError, match="No space left"):
        replace("second")
    assert {name: (committed / name).read_bytes() for name in files_in(committed)} == before
    assert [path.name for path in committed.parent.iterdir()] == ["moons"]


def test_the_smoke_grid_keeps_scores_and_runs(results):
    assert sorted(kept_files(results, "smoke")) == ["runs.csv", "scores.csv"]
    assert sorted(kept_files(results, "default")) == KEPT


@pytest.mark.parametrize("name", ["tables/scores.csv", "tables/runs.csv", "invocations.csv"])
def test_a_missing_table_is_refused(replace, results, tmp_path, name):
    (results / name).unlink()
    with pytest.raises(UserError, match=f"{name}: the file is missing; run the whole grid first"):
        replace("first")
    assert not (tmp_path / "reference").exists()


def test_a_folder_of_something_else_is_refused(replace, tmp_path):
    mine = tmp_path / "reference/moons/mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(UserError, match="no committed run; allowed: a new folder, or one with"):
        replace("first")
    assert mine.read_text() == "mine"
