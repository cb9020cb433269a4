"""Fresh scores against committed ones: what was tampered with is found, each by its own line, and nothing else."""

import math

import pandas as pd
import pytest

from ebmbench.provenance.audit import fresh_run
from ebmbench.provenance.audit.finding import FAILED, OK
from ebmbench.provenance.audit.fresh_run import RTOL, data_digests
from ebmbench.provenance.audit.seed_spread import scale
from ebmbench.provenance.audit.tolerances import SCALES, SeedTolerance
from tests.helpers.audit_scores import place, scores


def against(fresh, committed):
    return fresh_run.against(fresh, committed, SeedTolerance())


def outcomes(found):
    return {of.check: of.outcome for of in found if of.where == "all"}


def lines(found):
    return [of.line for of in found if of.where != "all"]


def test_the_same_scores_have_no_finding_whatever_their_order():
    found = against(scores().sample(frac=1, random_state=1), scores())
    assert outcomes(found) == {"keys": OK, "status": OK, "exact": OK, "trained": OK}
    assert lines(found) == []


@pytest.mark.parametrize("at", [-5, 5])
def test_a_value_moved_by_five_scales_is_found_and_one_by_three_is_not(at):
    """Though it widens the spread of its own two seeds."""
    committed = scores()
    row = place(committed)
    unit = scale(scores())[row]
    committed.loc[row, "value"] += at * unit
    found = against(scores(), committed)
    assert outcomes(found) == {"keys": OK, "status": OK, "exact": OK, "trained": FAILED}
    (line,) = lines(found)
    assert line.startswith("trained: moons/ebm-ed-none/s1 kl exact model: ")
    near = scores()
    near.loc[row, "value"] += math.copysign(3, at) * unit
    assert lines(against(near, scores())) == []


def test_the_scale_is_the_seeds_spread_or_the_data_sets_where_two_seeds_agree_by_chance():
    table = scores()
    table.loc[[place(table, seed=0), place(table)], "value"] = 1.0
    kl = table[(table["metric"] == "kl") & (table["loss"] != "none")]
    typical = kl.groupby("loss")["value"].std().median()
    assert typical > 0.01
    found = scale(table)
    assert found[place(table)] == pytest.approx(math.hypot(typical, math.sqrt(2) * 0.01))
    widest = kl.groupby("loss")["value"].std().idxmax()
    own = kl[kl["loss"] == widest]["value"].std()
    assert found[place(table, loss=widest)] == pytest.approx(math.hypot(own, math.sqrt(2) * 0.01))


def test_a_control_has_no_room_but_rounding():
    moved = scores()
    row = place(moved, loss="none")
    moved.loc[row, "value"] *= 1 + 0.5 * RTOL
    assert lines(against(moved, scores())) == []
    moved.loc[row, "value"] *= 1 + 2 * RTOL
    found = against(moved, scores())
    assert outcomes(found)["exact"] == FAILED and outcomes(found)["trained"] == OK
    assert lines(found)[0].startswith("exact: moons/ebm-none-none/s1 kl exact model: ")


def test_rows_that_only_one_side_has_are_found():
    less = scores().drop(index=place(scores()))
    missing, extra = against(less, scores()), against(scores(), less)
    assert lines(missing) == ["keys: moons/ebm-ed-none/s1 kl exact model: is missing from the fresh run"]
    assert lines(extra) == ["keys: moons/ebm-ed-none/s1 kl exact model: is not in the committed run"]


def test_a_status_is_compared_before_values():
    committed = scores()
    row = place(committed)
    committed.loc[row, "status"] = "failed"
    committed.loc[row, "value"] = math.nan
    assert lines(against(scores(), committed)) == ["status: moons/ebm-ed-none/s1 kl exact model: ok, committed failed"]


@pytest.mark.parametrize("side", ["fresh", "committed"])
def test_what_is_no_number_is_left_to_the_check_of_cells(side):
    tables = {"fresh": scores(), "committed": scores()}
    tables[side].loc[place(scores()), "value"] = math.nan
    found = against(tables["fresh"], tables["committed"])
    assert lines(found) == []
    assert "11 values of trained models compared" in next(of.detail for of in found if of.check == "trained")


@pytest.mark.parametrize("side", ["fresh", "committed"])
def test_a_row_that_stands_twice_is_found(side):
    tables = {"fresh": scores(), "committed": scores()}
    twice = tables[side].loc[[place(scores())]].assign(value=7.0)
    tables[side] = pd.concat([tables[side], twice], ignore_index=True)
    found = lines(against(tables["fresh"], tables["committed"]))
    assert found == [f"keys: moons/ebm-ed-none/s1 kl exact model: the {side} run has 2 such rows; allowed: one"]


def test_nothing_in_common_is_a_failure():
    other = scores().assign(dataset="rings")
    found = against(other, scores())
    assert set(outcomes(found).values()) == {FAILED}
    assert sum(of.check == "keys" for of in found) == 1 + 2 * len(other)


def test_everything_else_may_be_wrong_at_once_and_each_has_its_line():
    fresh, committed = scores(), scores()
    fresh.loc[place(fresh, loss="cd"), "status"] = "diverged"
    fresh.loc[place(fresh, loss="none"), "value"] += 1
    fresh.loc[place(fresh, loss="sm"), "value"] += 2 * SCALES * scale(committed)[place(committed, loss="sm")]
    fresh = fresh.drop(index=place(fresh))
    found = lines(against(fresh, committed))
    assert [line.split(":")[0] for line in found] == ["keys", "status", "exact", "trained"]


def test_other_rows_of_data_are_found():
    runs = pd.DataFrame({"run": ["moons/a/s0", "moons/a/s1"], "provenance.data_digest": ["one", "two"]})
    assert lines(data_digests(runs, runs)) == []
    other = runs.assign(**{"provenance.data_digest": ["one", "three"]})
    assert lines(data_digests(other, runs)) == ["data: moons/a/s1: digest three, committed two"]


def test_a_run_that_one_side_lacks_is_found():
    runs = pd.DataFrame({"run": ["moons/a/s0", "moons/a/s1"], "provenance.data_digest": ["one", "two"]})
    assert lines(data_digests(runs[:1], runs)) == ["data: moons/a/s1: digest missing, committed two"]
    assert lines(data_digests(runs, runs[:1])) == ["data: moons/a/s1: digest two, committed missing"]
