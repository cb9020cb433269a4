"""The summary counts what is there and what is not, and adds up what committed runs took."""

import re

import pytest

from ebmbench.core.cells import Cell
from ebmbench.planning.grid_summary import RunCost, read_costs, seconds_of, summary_lines
from tests.helpers.configurations import resolved, small

CONFIG = {"results": "results"}
PARTS = ",".join(
    [
        *("train.seconds", "train.checkpoint_seconds", "sampling.seconds"),
        *("train.steps", "train.energy_evaluations", "train.gradient_evaluations"),
    ]
)


def table(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([f"dataset,family,loss,stats,seed,{PARTS}", *rows]) + "\n")
    return path


def alike(seconds):
    """The cost of a run that takes as long whatever its settings."""
    return RunCost(0, seconds, 0, 0)


def test_costs_are_medians_and_earlier_tables_take_precedence(tmp_path):
    own = table(
        tmp_path / "own.csv",
        "moons,ebm,ed,none,0,1,2,3,100,50,40",
        "moons,ebm,ed,none,1,10,,,200,70,",
        "moons,ebm,ed,none,2,4,,,300,60,5",
    )
    other = table(tmp_path / "other.csv", "moons,ebm,ed,none,0,100,,,,,", "rings,ebm,ed,none,0,7,,,,,")
    assert read_costs([own, other]) == {
        Cell("moons", "ebm", "ed", "none"): RunCost(4, 0, 200, 70),
        Cell("rings", "ebm", "ed", "none"): RunCost(7, 0, 0, 0),
    }


@pytest.mark.parametrize(
    ("train", "expected"),
    [
        ({"steps": 100}, 12),
        ({"steps": 800}, 82),
        ({"steps": 50}, 7),
        # evaluations replace steps
        ({"steps": 100, "evaluations": 5000}, 52),
        # a run that stopped early may have been given as many steps
        ({"steps": 800, "patience": 3}, 12),
        ({"steps": 50, "patience": 3}, 7),
        # 3,000 steps by default
        ({}, 302),
    ],
)
def test_training_takes_as_long_as_its_steps_or_evaluations(train, expected):
    assert seconds_of(RunCost(10, 2, 100, 1000), train) == pytest.approx(expected)


def test_a_run_without_steps_takes_as_long_whatever_they_are():
    assert seconds_of(alike(5), {"steps": 800}) == 5


def test_a_searched_method_takes_longer_at_a_higher_rung(tmp_path):
    space = {"match": {"loss": "ed"}, "space": {"loss": {"M": [1, 2]}}}

    def at(rung):
        plan = resolved(small(tuning={"spaces": [space]}, rungs=[1, 16], rung=rung))
        costs = {cell: RunCost(60, 0, 3000, 0) if cell in plan.spaces else alike(0) for cell in plan.settings}
        return minutes(summary_lines(plan, CONFIG | {"results": str(tmp_path)}, costs)[2])

    assert at(16) == 16 * at(1) > 0


def minutes(line):
    return int(re.search(r"about (\d+) core-minutes", line)[1])


def test_what_is_done_is_not_to_do(tmp_path):
    plan = resolved(small(seeds=4, seeds_per_job=2))
    config = CONFIG | {"results": str(tmp_path)}
    costs = dict.fromkeys(plan.settings, alike(60))
    first, second, third = summary_lines(plan, config, costs)
    runs = 4 * len(plan.settings)
    assert (
        first == f"grid: data sets 2, cells {len(plan.settings)}, runs {runs}, skipped combinations {len(plan.skipped)}"
    )
    assert second.startswith(f"to do: runs {runs}, jobs that train, sample or score them {3 * runs // 2};")
    assert minutes(third) == runs
    for job in plan.jobs[:3]:
        folder = job.folder(tmp_path)
        folder.mkdir(parents=True)
        (folder / "scores.csv").touch()
    _, second, third = summary_lines(plan, config, costs)
    assert second.startswith(f"to do: runs {runs - 6},")
    assert minutes(third) == runs - 6


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        # of the same method elsewhere, of no like cell
        ({Cell("rings", "ebm", "ed", "none"): alike(600), Cell("rings", "kde", "ml", "none"): alike(60)}, 10),
        ({Cell("rings", "kde", "ml", "none"): alike(60), Cell("rings", "nvp", "ml", "none"): alike(180)}, 2),
    ],
)
def test_a_cell_without_a_cost_is_likened(tmp_path, costs, expected):
    one = {"datasets": {"moons": {}}, "families": {"ebm": {}}, "losses": {"ed": {}}, "stats": {"none": {}}}
    plan = resolved(small(seeds=1, exclude=[], **one))
    lines = summary_lines(plan, CONFIG | {"results": str(tmp_path)}, costs)
    assert minutes(lines[2]) == expected
    assert "which 0 of 1 blocks" in lines[2]


def test_without_committed_runs_there_is_no_time(tmp_path):
    assert len(summary_lines(resolved(small()), CONFIG | {"results": str(tmp_path)}, {})) == 2
