"""Ranks at each rung, counted by hand."""

import math

import pandas as pd
import pytest

from ebmbench.core.cells import AXES
from ebmbench.reporting.comparison.rung_ranks import COLUMNS, RungTables, rung_ranks
from ebmbench.reporting.figures import rank_rungs
from ebmbench.workflow.stages.ladder import write_ladder
from tests.helpers.rankable import scores


def runs(table, factor, seconds):
    """A run costs 100 evaluations at x1, and seconds that depend on the data set."""
    rows = table[[*AXES, "seed"]].drop_duplicates()
    cost = {"train.energy_evaluations": 60 * factor, "train.gradient_evaluations": 40 * factor}
    return rows.assign(**cost, **{"train.cpu_seconds": [seconds[name] * factor for name in rows["dataset"]]})


def at(factor, values):
    table = scores(values)
    return RungTables(table, runs(table, factor, {"x": 1.0, "y": 4.0, "z": 9.0}))


#: a is first at x1, b at x4; b converges on x alone; c lacks y at x1 and z is missing at x4
ONE = {
    ("x", "a"): 1.0,
    ("x", "b"): 2.0,
    ("y", "a"): 1.0,
    ("y", "b"): 2.0,
    ("z", "a"): 1.0,
    ("z", "b"): 2.0,
    ("x", "c"): 9.0,
}
FOUR = {("x", "a"): 0.95, ("x", "b"): 1.9, ("y", "a"): 0.9, ("y", "b"): 0.1, ("x", "c"): 1.0, ("y", "c"): 1.0}


def test_ranks_costs_and_convergence_of_what_the_rungs_have_in_common():
    table = rung_ranks({4: at(4, FOUR), 1: at(1, ONE)}).set_index(["rung", "loss"])
    assert list(table.index) == [(1, "a"), (1, "b"), (4, "a"), (4, "b")] and set(table["datasets"]) == {2}
    assert table["mean_rank"].tolist() == [1.0, 2.0, 1.5, 1.5] and table["best"].tolist() == [2, 0, 1, 1]
    assert table["evaluations"].tolist() == pytest.approx([100, 100, 400, 400])
    # the geometric mean of 1 and 4, not the mean 2.5 and not that of all three data sets
    assert table["cpu_seconds"].tolist() == pytest.approx([2.0, 2.0, 8.0, 8.0])
    # two doublings: a fall to .9025 of it is allowed
    assert table["converged"].isna().tolist() == [True, True, False, False]
    assert table["converged"].tolist()[2:] == [1, 1]


def test_what_costs_nothing_has_no_cost_and_no_curve_against_it(tmp_path, monkeypatch):
    tables = {1: at(1, ONE), 4: at(4, FOUR)}
    for of in tables.values():
        of.runs.loc[of.runs["loss"] == "a", "train.cpu_seconds"] = 0.0
    found = rung_ranks(tables)
    assert found.loc[found["loss"] == "a", "cpu_seconds"].tolist() == [0.0, 0.0]
    drawn = []
    monkeypatch.setattr(rank_rungs, "save", lambda figure, *_: drawn.append(figure))
    rank_rungs.draw(found, tmp_path / "ladder")
    left, right = drawn[0].axes
    assert len(left.lines) == 2 and len(right.lines) == 1 and right.get_xlim()[0] > 0.1


def test_a_run_without_a_result_ranks_last_and_has_not_converged():
    failed = FOUR | {("x", "a"): None}
    table = rung_ranks({1: at(1, ONE), 4: at(4, failed)}).set_index(["rung", "loss"])
    assert table.loc[(4, "a"), ["mean_rank", "no_result", "converged"]].tolist() == [2.0, 1, 0]


def test_nothing_in_common_is_an_empty_table():
    only = {key: value for key, value in ONE.items() if key[0] == "x"}
    table = rung_ranks({1: at(1, ONE), 4: at(4, only)})
    assert table.empty and list(table) == list(COLUMNS)


def test_the_page_has_a_row_a_method_and_the_best_at_the_end_first(tmp_path):
    last = FOUR | {("x", "b"): 0.2}
    for rung, values in ((1, ONE), (4, last)):
        folder = tmp_path / f"x{rung}"
        folder.mkdir()
        for name, table in at(rung, values)._asdict().items():
            table.to_csv(folder / f"{name}.csv", index=False)
    write_ladder({rung: tmp_path / f"x{rung}" for rung in (1, 4)}, tmp_path / "ladder")
    lines = [line for line in (tmp_path / "ladder.md").read_text().splitlines() if line.startswith("| ")]
    assert [line.split("|")[1].strip() for line in lines] == ["method", "ebm · b", "ebm · a"]
    assert lines[1].count("400") == 1 and "2.00" in lines[1] and "8" in lines[1]
    drawn = pd.read_csv(tmp_path / "ladder.csv")
    assert (
        len(drawn) == 4 and math.isnan(drawn["converged"].iloc[0]) and (tmp_path / "ladder.png").stat().st_size > 1000
    )
