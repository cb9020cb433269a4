"""The summary counts what is there and what is not, and adds up what committed runs took."""

import re

import pytest

from ebmbench.core.cells import Cell
from ebmbench.planning.grid_summary import at_rung, read_costs, summary_lines
from tests.helpers.configurations import resolved, small

CONFIG = {"results": "results"}
SECONDS = "train.seconds,train.checkpoint_seconds,sampling.seconds"


def table(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([f"dataset,family,loss,stats,seed,{SECONDS}", *rows]) + "\n")
    return path


def test_costs_are_medians_and_earlier_tables_take_precedence(tmp_path):
    own = table(
        tmp_path / "own.csv", "moons,ebm,ed,none,0,1,2,3", "moons,ebm,ed,none,1,10,,", "moons,ebm,ed,none,2,5,,"
    )
    other = table(tmp_path / "other.csv", "moons,ebm,ed,none,0,100,,", "rings,ebm,ed,none,0,7,,")
    assert read_costs([own, other]) == {Cell("moons", "ebm", "ed", "none"): 6, Cell("rings", "ebm", "ed", "none"): 7}


def test_costs_of_searched_methods_grow_with_the_rung():
    space = {"match": {"loss": "ed"}, "space": {"loss": {"M": [1, 2]}}}
    plan = resolved(small(tuning={"spaces": [space]}))
    costs = {Cell(name, "ebm", loss, "none"): 2.0 for name in ("moons", "magic") for loss in ("ed", "ml")}
    assert at_rung(costs, plan, 1) == costs
    # on another data set as well, whose cost stands for one without
    assert at_rung(costs, plan, 16) == {cell: 32.0 if cell.loss == "ed" else 2.0 for cell in costs}


def minutes(line):
    return int(re.search(r"about (\d+) core-minutes", line)[1])


def test_what_is_done_is_not_to_do(tmp_path):
    plan = resolved(small(seeds=4, seeds_per_job=2))
    config = CONFIG | {"results": str(tmp_path)}
    costs = dict.fromkeys(plan.settings, 60.0)
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
        ({Cell("rings", "ebm", "ed", "none"): 600.0, Cell("rings", "kde", "ml", "none"): 60.0}, 10),
        ({Cell("rings", "kde", "ml", "none"): 60.0, Cell("rings", "nvp", "ml", "none"): 180.0}, 2),
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
