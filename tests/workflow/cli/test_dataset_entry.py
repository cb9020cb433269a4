"""A data set is found in the configuration, else in those of committed runs, else among the plug-ins."""

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from ebmbench.core.errors import UserError
from ebmbench.core.files import write_json, write_text
from ebmbench.provenance.manifest import NAME
from ebmbench.provenance.reference_order import ordered_runs
from ebmbench.workflow.cli.app import run
from ebmbench.workflow.cli.dataset_entry import find_dataset
from tests.helpers.paths import ROOT
from tests.helpers.reference_tables import TOP

REST = {"families": {"oracle": {}}, "losses": {"none": {}}, "stats": {"none": {}}}


def write_config(path: Path, datasets: dict, **keys: object) -> None:
    write_text(path, yaml.safe_dump(REST | {"datasets": datasets} | keys))


def commit_run(root: Path, grid: str, configfile: str) -> None:
    """Write the files by which a committed run is found."""
    reported = {"commit": "", "configfile": configfile, "config": "", "code": {}, "files": {}}
    write_json(root / "results/reference" / grid / NAME, reported)
    write_text(root / "results/reference" / grid / "scores.csv", "")


@pytest.fixture
def checkout(tmp_path):
    """A default configuration, and two committed runs that disagree on the rings; one configuration is lost."""
    write_config(tmp_path / "config/config.yaml", {"moons": {"train": 100}})
    committed = {"b": "config/b.yaml", "a": "config/a.yaml", "smoke": "config/smoke.yaml", "lost": "config/lost.yaml"}
    for grid, configfile in committed.items():
        commit_run(tmp_path, grid, configfile)
    write_config(tmp_path / "config/a.yaml", {"moons": {"train": 200}, "rings": {"train": 300}}, evaluate=["s1"])
    write_config(tmp_path / "config/b.yaml", {"rings": {"train": 400}, "arc": {"kind": "closed_curve"}})
    write_config(tmp_path / "config/smoke.yaml", {"rings": {"train": 500}, "tiny": {"kind": "moons", "train": 9}})
    return tmp_path


@pytest.mark.parametrize(
    ("name", "settings", "evaluate", "note"),
    [
        ("moons", {"train": 100}, ["moments"], ""),
        ("rings", {"train": 300}, ["s1"], "dataset rings: as in config/a.yaml"),
        ("arc", {"kind": "closed_curve"}, ["moments"], "dataset arc: as in config/b.yaml"),
        ("tiny", {"kind": "moons", "train": 9}, ["moments"], "dataset tiny: as in config/smoke.yaml"),
        ("swissroll", {}, ["moments"], "dataset swissroll: the plug-in with its default settings"),
    ],
)
def test_the_first_place_that_has_the_data_set_gives_settings_and_statistics(checkout, name, settings, evaluate, note):
    found = find_dataset(name, None, checkout)
    assert (found.settings, found.config["evaluate"], found.note) == (settings, evaluate, note)
    assert found.load().dim == 2


def test_a_papers_configuration_comes_before_those_of_other_committed_runs(checkout):
    write_config(checkout / "config/papers/z.yaml", {"rings": {"train": 600}})
    commit_run(checkout, "z", "config/papers/z.yaml")
    found = find_dataset("rings", None, checkout)
    assert (found.settings, found.note) == ({"train": 600}, "dataset rings: as in config/papers/z.yaml")


def test_another_kind_of_data_under_the_same_name_is_in_the_note(checkout):
    write_config(checkout / "config/a.yaml", {"moons": {"kind": "pinwheel"}})
    note = "dataset moons: of kind moons; --configfile config/a.yaml has one of kind pinwheel"
    assert find_dataset("moons", None, checkout).note == note
    assert find_dataset("moons", checkout / "config/a.yaml", checkout).note == ""


def test_the_default_and_the_largest_budget_of_the_papers_are_looked_at_first():
    runs = list(ordered_runs(ROOT / "results/reference"))
    assert runs[:2] == ["default", TOP] and runs[-1] == "smoke"
    assert runs.index("hybrid") < runs.index("beyond_two_dimensions_x4") < runs.index("beyond_two_dimensions_x1")


def test_a_configuration_that_is_given_is_the_only_one(checkout):
    path = checkout / "config/b.yaml"
    found = find_dataset("rings", path, checkout)
    assert (found.settings, found.note) == ({"train": 400}, "")
    with pytest.raises(UserError) as error:
        find_dataset("moons", path, checkout)
    assert str(error.value) == f"--dataset moons: no entry of {path}; allowed: arc, rings"


def test_an_unknown_data_set_is_refused_in_one_line_with_the_names_found_anywhere_and_the_closest(checkout, capsys):
    assert run(["rows", "--dataset", "tinny", "--out", "x.npz", "--root", str(checkout)]) == 1
    reported = capsys.readouterr()
    (line,) = reported.err.splitlines()
    assert reported.out == "" and "--configfile names your own; did you mean tiny? allowed: " in line
    assert line.startswith("ebmbench rows: --dataset tinny: no entry of the default configuration or a committed run's")
    names = line.partition("allowed: ")[2].split(", ")
    assert {"moons", "rings", "arc", "tiny", "swissroll", "redwine"} <= set(names) and names == sorted(names)
    with pytest.raises(UserError) as error:
        find_dataset("zzz", None, checkout)
    assert "did you mean" not in str(error.value)


def test_a_refused_file_is_one_line_wherever_the_data_set_was_found(tmp_path, capsys):
    np.savez(tmp_path / "mine.npz", samples=np.zeros((5, 2)))
    assert run(["score", "--samples", str(tmp_path / "mine.npz"), "--dataset", "moons", "--root", str(ROOT)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_moons_of_committed_tables_has_their_rows_and_is_scored_next_to_them(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    choice = ["--dataset", "moons", "--seed", "1", "--root", str(ROOT)]
    assert run(["rows", *choice, "--out", "rows.npz"]) == 0
    assert capsys.readouterr().err == "dataset moons: as in config/papers/energy_discrepancy.yaml\n"
    rows = np.load("rows.npz")
    np.savez("mine.npz", samples=rows["test"][:200])
    assert run(["score", *choice, "--samples", "mine.npz"]) == 0
    reported = capsys.readouterr()
    assert reported.err == "dataset moons: as in config/papers/energy_discrepancy.yaml\n"
    page = Path("results/given/mine/placed.md").read_text()
    heads = re.findall(r"^# moons, (\w+)$", page, flags=re.MULTILINE)
    assert heads[0] == TOP and {"hybrid", "peers"} < set(heads)
    # one table on the screen
    assert re.findall(r"^# .*$", reported.out, flags=re.MULTILINE) == [f"# moons, {TOP}"]
    assert f"placed.md with {len(heads) - 1} more tables of committed runs\n" in reported.out
