"""Which runs have the data's statistics, by hand: floors, chance, roles, and the gain identity."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ebmbench.core.cells import Cell
from ebmbench.reporting.comparison.moment_match_report import matches, moment_match_page

PLAIN, JOINT = Cell("ring", "ebm", "ed", "none"), Cell("ring", "ebm", "ed", "s1")
AFTER = Cell("ring", "ebm", "ed", "s1_after")
GIVEN = {JOINT: ["s1"], AFTER: ["s1"]}


def row(cell, seed, metric, value, law="model", split="test"):
    status = "ok" if isinstance(value, float) else value
    reported = {"metric": metric, "law": law, "split": split, "status": status}
    return {**cell._asdict(), "seed": seed, **reported, "value": value if status == "ok" else math.nan}


def scores(values):
    """``values``: cell and set -> mismatch by seed; the floor is .1."""
    rows = []
    for (cell, name), mismatches in values.items():
        for seed, value in enumerate(mismatches):
            rows += [
                row(cell, seed, f"{name}_mismatch_smooth", value),
                row(cell, seed, f"{name}_mismatch_smooth_floor95", 0.1),
                row(cell, seed, f"{name}_mismatch_headroom", 0.02, split="exact"),
                row(cell, seed, f"{name}_mismatch_smooth", 0.3, law="sampler"),
                row(cell, seed, "kl", 7.0, split="exact"),
            ]
    return pd.DataFrame(rows)


def by_key(table):
    return {(Cell(*of[:4]), of[4]): found for *of, found in ((*r[:5], r) for r in table.itertuples(index=False))}


def test_a_run_above_its_floor_may_be_chance_and_two_are_not():
    table = by_key(
        matches(
            scores(
                {
                    (JOINT, "s1"): [0.05, 0.2, 0.06],
                    (JOINT, "s2"): [0.5, 0.2, 0.06],
                    (PLAIN, "s1"): [0.05, 0.06, 0.07],
                }
            ),
            pd.DataFrame(columns=["dataset"]),
            GIVEN,
        )
    )
    one, two, none = table[JOINT, "s1"], table[JOINT, "s2"], table[PLAIN, "s1"]
    assert (one.above, one.seeds, one.matched) == (1, 3, "yes") and one.p == pytest.approx(1 - 0.95**3)
    assert (two.above, two.matched) == (2, "no") and two.p == pytest.approx(3 * 0.05**2 * 0.95 + 0.05**3)
    assert (none.above, none.matched, none.p) == (0, "yes", 1.0)
    assert (one.role, two.role, none.role) == ("target", "held out", "")
    assert one.mismatch == pytest.approx(0.31 / 3) and one.sampler == 0.3 and one.headroom == pytest.approx(0.02)
    assert one.stderr == pytest.approx(math.sqrt(0.0070333 / 3), rel=1e-4) and math.isnan(one.gain)


def test_runs_without_a_value_are_no_evidence():
    table = matches(scores({(JOINT, "s1"): ["diverged", 0.05], (PLAIN, "s1"): ["failed"]}), pd.DataFrame(), GIVEN)
    found = by_key(table)
    assert (found[JOINT, "s1"].seeds, found[JOINT, "s1"].matched) == (1, "yes")
    assert (found[PLAIN, "s1"].seeds, found[PLAIN, "s1"].matched) == (0, "")
    assert list(moment_match_page(table)["matched"]) == ["—", "yes (0 of 1 above)"]


def test_both_sides_of_the_gain_identity_stand_beside_the_target():
    reported = {"train.tilt_gain": 0.2, "train.tilt_gained": 0.23, "train.tilt_gain_stderr": 0.03}
    runs = pd.DataFrame(
        [
            {**AFTER._asdict(), "seed": 0, **reported, "train.tilt_gained_stderr": 0.04},
            {**AFTER._asdict(), "seed": 1, **reported, "train.tilt_gained": 0.2, "train.tilt_gained_stderr": 0.04},
            {**PLAIN._asdict(), "seed": 0},
        ]
    )
    table = by_key(matches(scores({(AFTER, "s1"): [0.01, 0.02], (AFTER, "s2"): [0.01, 0.02]}), runs, GIVEN))
    target, held_out = table[AFTER, "s1"], table[AFTER, "s2"]
    assert (target.gain, target.gained) == (pytest.approx(0.2), pytest.approx(0.215))
    assert target.apart == pytest.approx(0.03) and target.apart_z == pytest.approx(0.6)
    assert math.isnan(held_out.gain)
