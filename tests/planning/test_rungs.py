"""Rungs: budgets, folders and stages of searches, and what a configuration may say of them."""

from pathlib import Path

import pytest

from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.planning import rungs
from ebmbench.planning.config import check, grid
from ebmbench.planning.job_steps import steps
from ebmbench.planning.tuning import chosen_file, folder_of, log_of
from tests.helpers.configurations import SCHEMA

ED, ML = (Cell("moons", "ebm", loss, "none") for loss in ("ed", "ml"))
SPACE = {"match": {"loss": "ed"}, "space": {"loss": {"M": [1, 4]}}}
HALVING = [{"trials": 20}, {"trials": 7}, {"trials": 3, "seeds": 3}]


def checked(**changes):
    content = {
        "results": "results/mine",
        "datasets": ["moons"],
        "families": {"ebm": {"width": 8}},
        "losses": ["ed", "ml"],
        "stats": ["none"],
        "tuning": {"halving": HALVING, "spaces": [SPACE]},
    }
    return check(content | changes, SCHEMA)


def test_a_grid_without_rungs_is_as_it_was():
    config = checked(train={"evaluations": 100})
    assert (config["rungs"], config["rung"], config["results"]) == ([], 1, "results/mine")
    assert rungs.root_of(config) == rungs.search_root(config) == Path("results/mine")
    assert grid(config).settings[ED]["train"] == {"evaluations": 100}
    assert rungs.stages(config) == [(1, 20, (1000,))]
    assert folder_of(config, ED, 1) == Path("results/mine/runs/moons/ebm-ed-none/tuning")
    assert log_of(config, ED, 1) == Path("results/mine/logs/tune/moons/ebm-ed-none.log")
    assert rungs.search_seeds(checked(tuning={"trials": 5, "seed": 7, "spaces": [SPACE]})) == "7-7"


@pytest.mark.parametrize(("rung", "train"), [(1, 100), (4, 400), (16, 1600)])
def test_a_rung_multiplies_the_budget_of_searched_cells_alone(rung, train):
    config = checked(rungs=[1, 4, 16], rung=rung, train={"evaluations": 100})
    found = grid(config).settings
    assert found[ED]["train"] == {"evaluations": train} and found[ML]["train"] == {"evaluations": 100}
    assert config["results"] == f"results/mine/x{rung}"
    assert {str(job.folder(config["results"]).parents[2]) for job in grid(config).jobs} == {
        f"results/mine/x{rung}/runs"
    }
    assert rungs.search_root(config) == Path("results/mine/search") and rungs.root_of(config) == Path("results/mine")


@pytest.mark.parametrize(
    ("train", "found"),
    [
        ({"steps": 50}, {"steps": 200}),
        ({"evaluations": None, "steps": 50}, {"evaluations": None, "steps": 200}),
        ({}, {"steps": 4 * 3000}),
        ({"evaluations": 10, "steps": 50}, {"evaluations": 40, "steps": 50}),
    ],
)
def test_cells_without_evaluations_have_more_steps(train, found):
    assert rungs.scaled(train, 4) == found
    assert rungs.scaled(train, 1) == train


def test_the_last_rung_is_the_one_that_runs_and_one_number_is_a_ladder_of_one():
    assert checked(rungs=[1, 4])["rung"] == 4
    assert checked(rungs=["1", "4"])["rungs"] == [1, 4]
    one = checked(rungs=1)
    assert (one["rungs"], one["rung"], one["results"]) == ([1], 1, "results/mine/x1")


def test_searches_are_the_same_at_every_rung():
    of_rungs = [checked(rungs=[1, 4, 16], rung=rung) for rung in (1, 4, 16)]
    stages = [(1, 20, (1000,)), (4, 7, (1000,)), (16, 3, (1000, 1001, 1002))]
    for place, config in enumerate(of_rungs, start=1):
        assert rungs.stages(config) == stages and rungs.stages_so_far(config) == stages[:place]
        assert rungs.search_seeds(config) == "1000-1002"
        assert folder_of(config, ED, 4) == Path("results/mine/search/runs/moons/ebm-ed-none/tuning/x4")
        assert rungs.at_rung(config, 4) == of_rungs[1]
    assert [str(chosen_file(config, ED).parent)[-3:] for config in of_rungs] == ["/x1", "/x4", "x16"]


def test_a_search_is_as_long_as_the_shorter_of_rungs_and_stages():
    few = checked(rungs=[1, 4])
    assert rungs.stages(few) == [(1, 20, (1000,)), (4, 7, (1000,))]
    # so that the rows of searches are the same however many rungs there are
    assert rungs.search_seeds(few) == "1000-1002"
    more = checked(rungs=[1, 4, 16, 64])
    assert len(rungs.stages(more)) == 3
    assert chosen_file(more, ED) == Path("results/mine/search/runs/moons/ebm-ed-none/tuning/x16/chosen.json")
    once = checked(rungs=[1, 4], tuning={"trials": 5, "spaces": [SPACE]})
    assert rungs.stages(once) == [(1, 5, (1000,))] and chosen_file(once, ED).parent.name == "x1"


def test_a_missing_run_is_explained_by_the_searches_before_it():
    config = checked(rungs=[1, 4])
    plan = grid(config)
    job = next(job for job in plan.jobs if job.cell == ED)
    files = [str(step.file) for step in steps(job, plan, config)]
    assert files[1:3] == [f"results/mine/search/runs/moons/ebm-ed-none/tuning/x{rung}/chosen.json" for rung in (1, 4)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rungs": [4, 1]}, "config: rungs = [4, 1]; allowed: ascending positive integers, such as [1, 4, 16]"),
        ({"rungs": [1, 1]}, "config: rungs = [1, 1]; allowed: ascending positive integers, such as [1, 4, 16]"),
        ({"rungs": []}, "config: rungs = []; allowed: ascending positive integers, such as [1, 4, 16]"),
        ({"rungs": ["1", "x"]}, "config: rungs[1] = 'x'; allowed: integer"),
        ({"rungs": "x4"}, "config: rungs = 'x4'; allowed: ascending positive integers, such as [1, 4, 16]"),
        ({"rungs": [0, 1]}, "config: rungs[0] = 0; allowed: 1 or more"),
        ({"rungs": 0}, "config: rungs = 0; allowed: 1 or more"),
        ({"rungs": [1.5]}, "config: rungs[0] = 1.5; allowed: integer"),
        ({"rungs": [1, 4], "rung": 2}, "config: rung = 2 is not one of rungs; allowed: 1, 4"),
        ({"rung": 4}, "config: rung = 4, but rungs is missing; allowed: with rungs only"),
        (
            {"rungs": [1], "tuning": {"spaces": [{"match": {"loss": "ed"}, "space": {"train": {"steps": [5, 9]}}}]}},
            "config: tuning.spaces[0].space.train: steps is the budget, which rungs multiply; allowed",
        ),
    ],
)
def test_rungs_that_do_not_fit_are_refused_in_one_line(changes, message):
    with pytest.raises(UserError) as caught:
        grid(checked(**changes))
    assert message in str(caught.value) and "\n" not in str(caught.value)
