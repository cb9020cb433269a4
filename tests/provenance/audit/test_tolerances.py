"""Measured tolerances: what moves for harmless reasons passes, and a shift by one seed deviation does not."""

import math

import pandas as pd
import pytest

from ebmbench.core.cells import AXES
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.provenance.audit import fresh_run
from ebmbench.provenance.audit.seed_spread import CELL_VALUE, CONTROL, spread
from ebmbench.provenance.audit.tolerances import (
    CHAOTIC,
    LEAST,
    MOVES,
    NAME,
    MeasuredTolerance,
    SeedTolerance,
    measured_moves,
    tolerance_of,
)
from tests.helpers.audit_scores import place, scores
from tests.helpers.paths import ROOT

SMOKE = ROOT / "results/reference/smoke"


@pytest.fixture(scope="module")
def committed():
    return read_typed(SMOKE / "scores.csv")


@pytest.fixture(scope="module")
def tolerance():
    return tolerance_of(SMOKE)


def trained(table):
    return (table["status"] == "ok") & (table["loss"] != CONTROL)


def own_deviation(table):
    """Standard deviation over the cell's own seeds, row by row."""
    return table.groupby(list(CELL_VALUE))["value"].transform("std")


def caught(committed, rule, deviations=1.0):
    """Share of the rows of KL and NLL whose shift by so many of their own seed deviations is found, up and down."""
    rows = trained(committed) & committed["metric"].isin(["kl", "nll"])
    found = 0
    for seed in (0, 1):
        for sign in (-1, 1):
            shifted = committed.copy()
            moved = rows & (committed["seed"] == seed)
            shifted.loc[moved, "value"] += sign * deviations * own_deviation(committed)[moved]
            lines = fresh_run.against(shifted, committed, rule)
            found += sum(of.check == "trained" and of.where != "all" for of in lines)
    return found / (2 * rows.sum())


def test_a_shift_by_one_seed_deviation_is_caught_in_nine_rows_of_ten(committed, tolerance):
    assert caught(committed, tolerance) >= 0.9
    # four scales catch nothing of it, and of a shift by five deviations less than half
    assert caught(committed, SeedTolerance()) == 0
    assert caught(committed, SeedTolerance(), 5) < 0.5


def allowed(moves):
    """Tolerance of each value in spreads over seeds, infinite in chaotic cells, from the columns of some runs."""
    farthest = moves.max(axis="columns")
    chaotic = farthest.groupby(level=list(AXES)).transform("median") > CHAOTIC
    return (MOVES * farthest).clip(lower=LEAST).where(~chaotic, math.inf)


@pytest.mark.parametrize("run", ["older_kernels", "avx2_kernels"])
def test_a_run_on_other_kernels_passes_by_what_the_other_runs_measured(tolerance, run):
    moves = tolerance.moves.set_index(list(CELL_VALUE))
    others = allowed(moves.drop(columns=run))
    assert (moves[run] <= others).all()
    # a tenth of the tolerance would not have been enough
    assert not (moves[run] <= others / 10).all()


def test_the_committed_run_passes_and_every_trained_value_was_measured(committed, tolerance):
    found = fresh_run.against(committed, committed, tolerance)
    assert not [of for of in found if of.where != "all"]
    assert tolerance(committed)[trained(committed)].notna().all()


def test_one_cell_is_chaotic(tolerance):
    """Matching by long chains that accept or reject: rounding decides, and another trajectory follows."""
    assert tolerance.chaotic == [("ring8_unequal", "ebm", "ed", "s2_matched")]


def small(farthest=0.01):
    """Measured moves of the small table: all the same in one run, half as far in the other."""
    rows = scores()[list(CELL_VALUE)].drop_duplicates()
    return MeasuredTolerance(rows.assign(one=farthest, other=farthest / 2).reset_index(drop=True))


def test_ten_times_the_farthest_move_is_allowed():
    table = scores()
    row = place(table)
    unit = spread(table)[row]
    assert small()(table)[row] == pytest.approx(0.1 * unit)
    assert small(0)(table)[row] == pytest.approx(LEAST * unit)


def test_a_chaotic_cell_has_the_tolerance_of_seeds():
    table, rule = scores(), small()
    rule.moves.loc[rule.moves["loss"] == "cd", "one"] = 0.6
    assert rule.chaotic == [("moons", "ebm", "cd", "none")]
    chaotic, other = place(table, loss="cd"), place(table)
    seeds = SeedTolerance()(table)
    assert rule(table)[chaotic] == seeds[chaotic]
    assert rule(table)[other] < seeds[other] / 10


def test_one_value_that_moved_far_makes_no_cell_chaotic():
    rule = small()
    place_of = rule.moves["loss"].eq("cd").idxmax()
    # one of the cell's two values
    rule.moves.loc[place_of, "one"] = 0.15
    assert rule.chaotic == []
    rule.moves.loc[rule.moves["loss"] == "cd", "one"] = 0.15
    assert rule.chaotic == [("moons", "ebm", "cd", "none")]


def test_a_value_that_was_not_measured_fails():
    table, rule = scores(), small()
    rule = MeasuredTolerance(rule.moves[rule.moves["loss"] != "ed"])
    lines = [of.line for of in fresh_run.against(table, table, rule) if of.where != "all"]
    assert len(lines) == 4 and all(line.endswith("no tolerance was measured for it") for line in lines)


def test_the_farthest_of_the_seeds_is_measured_in_spreads():
    table, run = scores(), scores()
    row = place(table)
    run.loc[row, "value"] += 0.25 * spread(table)[row]
    run.loc[place(table, seed=0), "value"] -= 0.125 * spread(table)[row]
    moves = measured_moves(table, {"one": run, "same": table}).set_index(list(CELL_VALUE))
    assert moves["one"].max() == pytest.approx(0.25) and (moves["one"] > 0).sum() == 1
    assert (moves["same"] == 0).all()
    assert "none" not in moves.index.get_level_values("loss")


def test_a_run_without_a_row_measures_nothing():
    with pytest.raises(UserError, match="one: 1 trained values of the committed run are missing"):
        measured_moves(scores(), {"one": scores().drop(index=place(scores()))})


def test_a_damaged_table_of_moves_is_one_line_or_no_tolerance(tmp_path):
    assert tolerance_of(tmp_path).words == SeedTolerance.words
    moves = small().moves
    moves.drop(columns="distribution").to_csv(tmp_path / NAME, index=False)
    with pytest.raises(UserError, match=r"tolerances\.csv: columns missing: distribution"):
        tolerance_of(tmp_path)
    moves[list(CELL_VALUE)].to_csv(tmp_path / NAME, index=False)
    with pytest.raises(UserError, match="at least one measured run"):
        tolerance_of(tmp_path)
    texts = moves.astype({"one": str})
    texts.loc[moves["loss"] == "ed", "one"] = "inf"
    pd.concat([texts, texts[texts["loss"] == "cd"]]).to_csv(tmp_path / NAME, index=False)
    table = scores()
    found = tolerance_of(tmp_path)(table)
    # what is no number and what stands twice was not measured
    assert set(table["loss"][found.isna()]) == {"ed", "cd"}
