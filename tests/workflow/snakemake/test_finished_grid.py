"""A finished grid: what is deleted, edited, asked for in addition or interrupted, by the real Snakemake."""

import copy
import os
import re
import signal
import time
from collections import Counter

import pytest
import yaml

from tests.helpers import warm_jobs
from tests.helpers.project import SMALL, Project

#: one data set, a model in closed form and one that is trained
TINY = SMALL | {
    "datasets": {"moons": SMALL["datasets"]["moons"]},
    "families": {name: SMALL["families"][name] for name in ("gaussian", "ebm")},
    "losses": {"ml": {}, "ed": {}},
    "exclude": [{"match": {"family": "ebm", "loss": "ml"}, "reason": "dear"}],
    "figures": {},
}

JOB = "results/runs/moons/ebm-ed-none/seeds0-1"

#: rules whose jobs are those of runs and not of tables
MAKING = ("dataset", "tune", "train", "tilt", "sample", "score")

AFTER = {"collect": 1, "tables": 1, "ranks": 1}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("finished") / "project", TINY)
    code, text = project.run(**warm_jobs.shared())
    assert code == 0, text
    return project


def planned(project, config):
    """The jobs of a dry run of another configuration, by rule."""
    project.configure(config)
    try:
        return Counter({rule: count for rule, count in project.planned().items() if rule not in ("all", "total")})
    finally:
        project.configure(TINY)


def made(found):
    return {rule: count for rule, count in found.items() if rule.startswith(MAKING)}


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("results/data/moons/seeds0-1.json", {"dataset": 1, "train_ml": 1, "train_ed": 1, "sample": 2, "score": 2}),
        (f"{JOB}/run.json", {"train_ed": 1, "sample": 1, "score": 1}),
        pytest.param(f"{JOB}/samples.safetensors", {"sample": 1, "score": 1}, marks=pytest.mark.slow),
        pytest.param(f"{JOB}/statistics.csv", {"score": 1}, marks=pytest.mark.slow),
        pytest.param("results/tables/curves.csv", {"collect": 1}, marks=pytest.mark.slow),
        ("results/tables/moons.tex", {"tables": 1}),
    ],
)
def test_a_deleted_file_is_made_again(done, name, rules):
    path, aside = done.folder / name, done.folder / "aside"
    path.rename(aside)
    try:
        found = done.planned()
    finally:
        aside.rename(path)
    assert rules.items() <= found.items()
    assert made(found) == made(rules)


def test_a_file_of_a_cell_that_is_no_longer_asked_for_is_not_missed(done):
    path, aside = done.folder / f"{JOB}/run.json", done.folder / "aside"
    path.rename(aside)
    try:
        found = planned(done, TINY | {"losses": {"ml": {}}})
    finally:
        aside.rename(path)
    assert made(found) == {}
    assert done.planned() == {}


def test_edited_numbers_are_refused_in_one_line(done):
    names = [f"{JOB}/scores.csv", "results/tables/scores.csv"]
    whole = {path: (path.read_text(), path.stat()) for path in map(done.folder.joinpath, names)}
    for path, (text, _) in whole.items():
        path.write_text(re.sub(r"\d\.\d+", "0.001", text, count=1))
    try:
        code, said = done.run("--quiet", **warm_jobs.shared())
    finally:
        for path, (text, stat) in whole.items():
            path.write_text(text)
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert code == 1
    lines = [line for line in said.splitlines() if not line.startswith("Using workflow specific profile")]
    assert lines == [f"{', '.join(names)}: changed since the workflow made it; delete it and run again to make it anew"]
    assert done.planned() == {}


def more(**sections):
    """The tiny grid with further entries in some sections."""
    config = copy.deepcopy(TINY)
    for section, entries in sections.items():
        config[section] |= entries
    return config


NEW_CELLS = {"train_ml": 1, "train_ed": 1, "sample": 2, "score": 2}

#: what is asked for in addition -> the jobs of runs that it takes
ADDED = {
    "a seed": (TINY | {"seeds": 3}, {"dataset": 1} | NEW_CELLS),
    "blocks of another size": (TINY | {"seeds_per_job": 1}, {}),
    "a seed in blocks of another size": (TINY | {"seeds": 3, "seeds_per_job": 2}, {"dataset": 1} | NEW_CELLS),
    "a seed less": (TINY | {"seeds": 1}, {}),
    "a data set": (more(datasets={"rings": {"train": 500}}), {"dataset": 1} | NEW_CELLS),
    "a loss, and a family that it does not train": (
        more(losses={"nce": {}}, families={"kde": {}}),
        {"train_nce": 1, "train_ml": 1, "sample": 2, "score": 2},
    ),
    "matched and tilted statistics": (
        more(stats={"moments": {"kind": "joint"}, "after": {"kind": "posthoc", "set": "moments"}}),
        {"train_ed": 1, "tilt": 2, "sample": 3, "score": 3},
    ),
    "a set to be evaluated": (TINY | {"sets": {"mine": {"tails": {}}}, "evaluate": ["moments", "mine"]}, {"score": 2}),
    "a figure": (TINY | {"figures": {"mismatch_bars": {}}}, {}),
}


@pytest.mark.parametrize("name", ADDED)
def test_what_is_added_is_made_and_nothing_else(done, name):
    config, expected = ADDED[name]
    assert made(planned(done, config)) == expected


def test_another_metric_scores_again_and_trains_and_samples_nothing(done):
    source = done.folder / "src/ebmbench/evaluation/metrics/sliced.py"
    text = source.read_text()
    source.write_text(text + "\n# a change\n")
    found = done.planned()
    source.write_text(text)
    assert made(found) == {"score": 2}


def test_families_say_which_losses_train_them(done):
    """Without a word in the configuration no closed form and no control poses as trained by another loss."""
    config = TINY | {
        "families": TINY["families"] | {"oracle": {}},
        "losses": {"none": {}} | TINY["losses"],
        "exclude": [],
    }
    found = planned(done, config)
    assert made(found) == {"train_none": 1, "train_ml": 1, "sample": 2, "score": 2}


def test_a_loss_without_a_rule_is_one_line(done):
    losses = done.folder / "src/ebmbench/training/losses"
    (losses / "mine.py").write_text((losses / "ed.py").read_text())
    done.configure(more(losses={"my_entry": {"kind": "mine"}}))
    code, said = done.run("-n", "--quiet")
    (losses / "mine.py").unlink()
    done.configure(TINY)
    assert code == 1
    assert said.splitlines()[-1] == "loss mine: no rule trains it; add workflow/rules/methods/mine.smk"


# others: tests/planning/test_config.py
def test_a_value_out_of_range_is_one_line_of_the_plan(done):
    done.configure(TINY | {"losses": {"ed": {"t": -1}}})
    code, said = done.run("-n", "--quiet")
    done.configure(TINY)
    assert code == 1 and said.splitlines()[-1] == "config: losses.ed: t = -1; allowed: above 0"


def test_settings_that_contradict_each_other_are_one_line_before_any_job(done):
    done.configure(TINY | {"results": "other", "datasets": {"power": {"rows": 20}}})
    code, said = done.run("--quiet", **warm_jobs.shared())
    done.configure(TINY)
    assert code == 1 and "Traceback" not in said
    assert any(line.startswith("config: datasets.power: rows = 20; allowed: ") for line in said.splitlines()), said
    assert not (done.folder / "other/logs").exists()


# the other axes: tests/planning/test_config.py
def test_a_configuration_that_lacks_an_axis_is_one_line(done):
    own = {name: value for name, value in TINY.items() if name not in ("families", "exclude")}
    (done.folder / "mine.yaml").write_text(yaml.safe_dump(own | {"results": "mine"}))
    code, said = done.run("-n", "--quiet", "--configfile", "mine.yaml")
    assert code == 1
    assert said.splitlines()[-1] == "config: families is missing"


def test_a_dry_run_begins_with_a_summary(done):
    done.configure(TINY | {"seeds": 5})
    code, said = done.run("-n")
    done.configure(TINY)
    assert code == 0
    lines = [line for line in said.splitlines() if not line.startswith("Using workflow specific profile")]
    assert lines[0] == "grid: data sets 1, cells 2, runs 10, skipped combinations 2"
    assert lines[1].startswith("to do: runs 6, jobs that train, sample or score them 6;")


def test_ctrl_c_ends_in_a_line_that_says_how_to_go_on(tmp_path):
    project = Project(tmp_path / "project", TINY | {"train": {"steps": 20000, "checkpoints": 2}})
    process = project.start()
    log = project.folder / "results/logs/train/moons/ebm-ed-none/seeds0-1.log"
    while process.poll() is None and not (log.is_file() and "seed 0" in log.read_text()):
        time.sleep(0.05)
    # as a terminal does: all processes in the foreground
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in said and "Traceback" not in log.read_text()
    assert said.splitlines()[-1] == "interrupted: the same command goes on where it was"
    assert "interrupted" in (project.folder / "results/invocations.csv").read_text()
