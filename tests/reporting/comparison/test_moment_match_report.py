"""Which methods have the data's statistics, by hand: verdicts, failures, roles, references and the gain identity."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ebmbench.core.cells import Cell
from ebmbench.reporting.comparison import moment_match_page
from ebmbench.reporting.comparison.equivalence import MATCHED, NOT_MATCHED, UNDECIDED
from ebmbench.reporting.comparison.moment_match_report import matches

PLAIN, JOINT = Cell("ring", "ebm", "ed", "none"), Cell("ring", "ebm", "ed", "s1")
AFTER, ORACLE = Cell("ring", "ebm", "ed", "s1_after"), Cell("ring", "oracle", "none", "none")
GIVEN = {JOINT: ["s1"], AFTER: ["s1"]}


def row(cell, seed, metric, value, distribution="model", split="test"):
    status = "ok" if isinstance(value, float) else value
    reported = {"metric": metric, "distribution": distribution, "split": split, "status": status}
    return {**cell._asdict(), "seed": seed, **reported, "value": value if status == "ok" else math.nan}


def scores(values):
    """``values``: cell and set -> D^2 by seed, of a floor of .002; the mean mismatch is a hundred times as much."""
    rows = []
    for (cell, name), distances in values.items():
        for seed, value in enumerate(distances):
            ok = isinstance(value, float)
            rows += [
                row(cell, seed, f"{name}_mismatch_d2", value),
                row(cell, seed, f"{name}_mismatch_d2_floor95", 0.002 if ok else value),
                row(cell, seed, f"{name}_mismatch_smooth", 100 * value if ok else value),
                row(cell, seed, f"{name}_mismatch_smooth_floor95", 0.1 if ok else value),
                row(cell, seed, f"{name}_mismatch_headroom", 0.02, split="exact"),
                row(cell, seed, f"{name}_mismatch_smooth", 0.3, distribution="sampler"),
                row(cell, seed, f"{name}_mismatch_d2", 9.0, distribution="sampler"),
                row(cell, seed, "kl", 7.0, split="exact"),
            ]
    return pd.DataFrame(rows)


def report(values, runs=None):
    return matches(scores(values), pd.DataFrame(columns=["dataset"]) if runs is None else runs, GIVEN)


def by_key(table):
    return {(Cell(*of[:4]), of[4]): found for *of, found in ((*r[:5], r) for r in table.itertuples(index=False))}


def test_each_set_of_a_cell_has_a_verdict_a_role_and_means_over_seeds():
    table = by_key(
        report(
            {
                (JOINT, "s1"): [0.0005, 0.002, 0.0006],
                (JOINT, "s2"): [0.05, 0.06, 0.055],
                (PLAIN, "s1"): [0.0, 0.0, 0.02],
            }
        )
    )
    one, two, none = table[JOINT, "s1"], table[JOINT, "s2"], table[PLAIN, "s1"]
    assert [of.matched for of in (one, two, none)] == [MATCHED, NOT_MATCHED, UNDECIDED]
    assert (one.role, two.role, none.role) == ("target", "held out", "") and (one.seeds, one.failed) == (3, 0)
    assert one.d2 == pytest.approx(0.0031 / 3) and one.d2_low < one.d2 < one.d2_high < 0.01
    assert one.mismatch == pytest.approx(0.31 / 3) and one.floor95 == pytest.approx(0.1)
    assert one.sampler == 0.3 and one.headroom == pytest.approx(0.02) and math.isnan(one.gain)
    assert one.stderr == pytest.approx(math.sqrt(0.0070333 / 3), rel=1e-4)


def test_a_training_that_failed_is_not_matched_and_one_that_was_skipped_is_no_training():
    table = report(
        {
            (JOINT, "s1"): ["diverged", 0.0005, 0.0004],
            (PLAIN, "s1"): ["failed"],
            (AFTER, "s1"): ["skipped", 0.0005, 0.0004],
            (AFTER, "s2"): ["skipped", "skipped"],
        }
    )
    found = by_key(table)
    assert (found[JOINT, "s1"].matched, found[JOINT, "s1"].reason) == (NOT_MATCHED, "1 of 3 failed")
    assert (found[PLAIN, "s1"].matched, found[PLAIN, "s1"].seeds) == (NOT_MATCHED, 0)
    assert (found[AFTER, "s1"].matched, found[AFTER, "s1"].seeds) == (MATCHED, 2)
    assert (found[AFTER, "s2"].matched, found[AFTER, "s2"].seeds) == ("", 0)
    page = moment_match_page.verdicts(table).set_index("method")["verdict"]
    assert page["ebm · ed"] == "not matched (1 of 1 failed)" and set(page["ebm · ed · s1_after"]) == {MATCHED, "—"}


def test_the_same_test_without_statistics_and_of_the_data_is_next_to_each_verdict():
    good, bad = [0.0005, 0.0004, 0.0003], [0.05, 0.06, 0.055]
    table = report({(JOINT, "s1"): good, (PLAIN, "s1"): bad, (ORACLE, "s1"): good, (JOINT, "s2"): bad})
    found = by_key(table)
    assert (found[JOINT, "s1"].matched_without, found[JOINT, "s1"].matched_oracle) == (NOT_MATCHED, MATCHED)
    assert (found[JOINT, "s2"].matched_without, found[JOINT, "s2"].matched_oracle) == ("", "")
    assert (found[PLAIN, "s1"].matched_without, found[PLAIN, "s1"].matched_oracle) == ("", MATCHED)
    counted = moment_match_page.counts(table).set_index("statistics")
    assert counted.loc["s1"].tolist() == ["1 / 0 / 0", "—", "0 / 1 / 0", "1 / 0 / 0"]
    assert counted.loc["s2"].tolist() == ["—", "0 / 1 / 0", "—", "—"]


def test_pages_have_a_row_for_each_cell_and_set_and_no_missing_value():
    table = report({(JOINT, "s1"): [0.0005], (PLAIN, "s1"): [0.0005, 0.0004]})
    for page in (moment_match_page.verdicts(table), moment_match_page.measures(table)):
        assert len(page) == 2 and not page.isin(["nan"]).any(axis=None) and page.notna().all(axis=None)
    one = moment_match_page.verdicts(table).set_index("method").loc["ebm · ed · s1"]
    assert one["verdict"] == f"{UNDECIDED} (fewer than two trainings)" and one["D² (bounds)"] == "0.0005 (— to —)"


def test_both_sides_of_the_gain_identity_stand_beside_the_target():
    reported = {"train.tilt_gain": 0.2, "train.tilt_gained": 0.23, "train.tilt_gain_stderr": 0.03}
    runs = pd.DataFrame(
        [
            {**AFTER._asdict(), "seed": 0, **reported, "train.tilt_gained_stderr": 0.04},
            {**AFTER._asdict(), "seed": 1, **reported, "train.tilt_gained": 0.2, "train.tilt_gained_stderr": 0.04},
            {**PLAIN._asdict(), "seed": 0},
        ]
    )
    table = by_key(report({(AFTER, "s1"): [0.01, 0.02], (AFTER, "s2"): [0.01, 0.02]}, runs))
    target, held_out = table[AFTER, "s1"], table[AFTER, "s2"]
    assert (target.gain, target.gained) == (pytest.approx(0.2), pytest.approx(0.215))
    assert target.apart == pytest.approx(0.03) and target.apart_z == pytest.approx(0.6)
    assert math.isnan(held_out.gain)


def test_a_training_whose_samples_are_worth_too_few_for_the_mean_mismatch_still_counts():
    """D^2 has a value at any effective number; the biased mean mismatch has none below the number compared."""
    table = scores({(PLAIN, "s1"): [0.0005, 0.02, 0.0006]})
    few = table["metric"].str.contains("smooth") & (table["seed"] == 1) & (table["distribution"] == "model")
    table.loc[few, ["status", "value"]] = ["failed", math.nan]
    found = matches(table, pd.DataFrame(columns=["dataset"]), GIVEN).iloc[0]
    assert (found["seeds"], found["failed"]) == (3, 0)
    assert found["d2_high"] > 0.02 and found["mismatch"] == pytest.approx(0.055)
