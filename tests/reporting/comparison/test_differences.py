"""Runs of the same seed side by side, by hand: which pairs, differences, verdicts, and the share of a gap."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from scipy.stats import ttest_rel

from ebmbench.core.cells import Cell
from ebmbench.planning.comparisons import Pair, Side, asked_for, with_likelihood, without_energy, without_statistics
from ebmbench.planning.config import Grid
from ebmbench.reporting.comparison import energy_gain
from ebmbench.reporting.comparison.differences import differences, differences_page

PLAIN, JOINT = Cell("ring", "ebm", "ed", "none"), Cell("ring", "ebm", "ed", "s1")
AFTER, LIKELY = Cell("ring", "ebm", "ed", "s1_after"), Cell("ring", "ebm", "ml", "s1")
FLOW, ON_FLOW, STRONG = Cell("ring", "nvp", "ml", "none"), Cell("ring", "on", "kale_f", "none"), "spline-ml-none"

#: 97.5 % point of Student's t with 2 degrees of freedom
T2 = 0.95 * math.sqrt(2 / (4 * 0.975 * 0.025))


def grid(*cells: Cell, bases: dict[Cell, Cell] | None = None) -> Grid:
    return Grid([], {cell: {} for cell in cells}, [], {}, bases or {}, {}, dict.fromkeys(cells, 1))


def row(cell, seed, metric, value, distribution="model", split="test"):
    status = "ok" if isinstance(value, float) else value
    reported = {"metric": metric, "distribution": distribution, "split": split, "status": status}
    return {**cell._asdict(), "seed": seed, **reported, "value": value if status == "ok" else math.nan}


def by_seed(values: dict[Cell, list[Any]], metric: str = "nll", **other: str) -> list[dict]:
    return [row(cell, seed, metric, value, **other) for cell, own in values.items() for seed, value in enumerate(own)]


def test_which_runs_are_laid_beside_which():
    cells = grid(PLAIN, JOINT, AFTER, LIKELY, FLOW, ON_FLOW, bases={ON_FLOW: FLOW})
    assert without_statistics(cells) == [Pair(JOINT, Side(PLAIN)), Pair(AFTER, Side(PLAIN))]
    assert with_likelihood(cells) == [Pair(JOINT, Side(LIKELY))]
    found = without_energy(cells)
    assert found[0] == Pair(ON_FLOW, Side(FLOW))
    assert Pair(ON_FLOW, Side(ON_FLOW, "base")) in found and len(found) == 1 + 6


def test_tables_are_made_where_there_is_something_to_compare():
    assert asked_for(grid(PLAIN), {"gap_to": None}) == []
    assert asked_for(grid(PLAIN, JOINT, LIKELY), {"gap_to": None}) == ["effects", "over_ml"]
    refined = grid(FLOW, ON_FLOW, bases={ON_FLOW: FLOW})
    assert asked_for(refined, {"gap_to": None}) == ["over_base"]
    assert asked_for(refined, {"gap_to": "nvp-ml-none"}) == ["over_base", "gap_closed"]


def test_a_difference_is_the_others_value_less_the_cells_seed_by_seed():
    values = {PLAIN: [2.0, 3.0, 5.0], JOINT: [1.9, 2.8, 4.7], AFTER: [2.5, 3.1, 4.4]}
    rows = by_seed(values)
    # not compared: another split or distribution
    rows += by_seed({JOINT: [99.0] * 3}, split="val") + by_seed({JOINT: [99.0] * 3}, "mmd2", distribution="sampler")
    table = differences(pd.DataFrame(rows), without_statistics(grid(PLAIN, JOINT, AFTER)))
    joint, after = table.itertuples(index=False)
    assert (joint.stats, after.stats, joint.metric, joint.other) == ("s1", "s1_after", "nll", "ebm · ed")
    assert (joint.value, joint.value_other) == (pytest.approx(9.4 / 3), pytest.approx(10 / 3))
    assert joint.gain == pytest.approx(0.2) and joint.gain_stderr == pytest.approx(0.1 / math.sqrt(3))
    assert joint.gain_ci_low == pytest.approx(0.2 - T2 * 0.1 / math.sqrt(3))
    assert (joint.verdict, after.verdict, joint.pairs) == ("undecided", "undecided", 3)
    assert joint.gain_sd == pytest.approx(0.2 / pd.Series(values[PLAIN]).std())
    shown = differences_page(table)
    assert list(shown.columns) == ["data set", "method", "against", "pairs", "nll (nats)"]
    assert shown["nll (nats)"][0] == "0.20 [-0.05, 0.45] undecided"


def test_a_model_is_compared_with_its_own_base_by_its_draws():
    cell = Cell("ring", "gebm_gan", "kale_f", "none")
    rows = by_seed({cell: [0.1, 0.2, 0.1]}, "mmd2") + by_seed({cell: [0.4, 0.6, 0.4]}, "mmd2", distribution="base")
    table = differences(pd.DataFrame(rows), [Pair(cell, Side(cell, "base"))])
    assert list(table["other"]) == ["its base alone"] and table["gain"][0] == pytest.approx(1 / 3)


@pytest.mark.parametrize(("change", "verdict"), [(-0.5, "better"), (0.5, "worse")])
def test_an_interval_that_leaves_out_nought_is_a_verdict(change, verdict):
    rows = [row(PLAIN, seed, "kl", float(seed), split="exact") for seed in range(4)]
    rows += [row(JOINT, seed, "kl", seed + change + 0.01 * seed, split="exact") for seed in range(4)]
    pairs = [Pair(JOINT, Side(PLAIN))]
    assert list(differences(pd.DataFrame(rows), pairs)["verdict"]) == [verdict]
    # a seed that has no value is in no pair
    rows[0] |= {"status": "diverged", "value": math.nan}
    assert list(differences(pd.DataFrame(rows), pairs)["pairs"]) == [3]


ALONE, WITH, FAR = [15.0, 15.5, 14.8, 15.1], [12.9, 13.0, 12.8, 12.7], [12.0, 12.3, 11.9, 12.2]


def kept(steps: dict[Cell, list[int]]) -> pd.DataFrame:
    rows = [
        {**cell._asdict(), "seed": seed, "status": "ok", "train.kept_step": step}
        for cell, own in steps.items()
        for seed, step in enumerate(own)
    ]
    return pd.DataFrame(rows)


def test_the_share_of_a_gap_with_its_interval():
    strong = FLOW._replace(family="spline")
    scores = pd.DataFrame(by_seed({FLOW: ALONE, ON_FLOW: WITH, strong: FAR}))
    table = energy_gain.fractions_closed(
        scores, kept({ON_FLOW: [50, 0, 100, 0], FLOW: [0, 0, 0, 0]}), {ON_FLOW: FLOW}, STRONG
    )
    (found,) = table.to_dict("records")
    assert found["gain"] == pytest.approx(15.1 - 12.85) and found["gap"] == pytest.approx(3.0)
    assert found["fraction_closed"] == pytest.approx(2.25 / 3.0)
    gain, whole = pd.Series(ALONE) - pd.Series(WITH), pd.Series(ALONE) - pd.Series(FAR)
    assert ttest_rel(gain, found["fraction_closed_ci_low"] * whole).pvalue == pytest.approx(0.05)
    assert (found["stopped"], found["seeds"]) == (2, 4)
    shown = energy_gain.gap_closed_page(table).iloc[0]
    assert shown["stopped at zero"] == "2 of 4" and shown["fraction closed"].startswith("0.75 [0.")
    assert shown["gain (nats)"].endswith("better") and shown["base"] == "nvp · ml"


@pytest.mark.parametrize(("own", "seeds"), [([*WITH[:3], "failed"], 3), (["failed"] * 4, 4)])
def test_levels_are_of_the_seeds_that_the_model_has_and_of_all_where_it_has_none(own, seeds):
    values = {FLOW: ALONE, ON_FLOW: own, FLOW._replace(family="spline"): FAR}
    table = energy_gain.fractions_closed(
        pd.DataFrame(by_seed(values)), kept({ON_FLOW: [5] * 4}), {ON_FLOW: FLOW}, STRONG
    )
    assert table["nll_base"][0] == pytest.approx(sum(ALONE[:seeds]) / seeds)
    assert table["nll_strong"][0] == pytest.approx(sum(FAR[:seeds]) / seeds)


@pytest.mark.parametrize("far", [ALONE, [15.2, 15.3, 14.9, 15.0], None])
def test_without_a_gap_there_is_no_share(far):
    values = {FLOW: ALONE, ON_FLOW: WITH} | ({} if far is None else {FLOW._replace(family="spline"): far})
    table = energy_gain.fractions_closed(
        pd.DataFrame(by_seed(values)), kept({ON_FLOW: [5] * 4}), {ON_FLOW: FLOW}, STRONG
    )
    assert table["fraction_closed"].isna().all() and table["gain"][0] == pytest.approx(2.25)
    assert list(energy_gain.gap_closed_page(table)["fraction closed"]) == [""]


def test_the_gain_on_unique_rows_is_its_own_and_shown_where_rows_repeat():
    scores = pd.DataFrame(by_seed({FLOW: ALONE, ON_FLOW: WITH}))
    unique = scores[scores["metric"] == "nll"].assign(metric="nll_unique")
    own = unique["family"] == ON_FLOW.family
    unique["value"] = unique["value"].where(~own, unique["value"] + 1.0)
    runs = kept({ON_FLOW: [5] * 4})
    table = energy_gain.fractions_closed(pd.concat([scores, unique]), runs, {ON_FLOW: FLOW}, STRONG)
    assert table["gain"][0] == pytest.approx(2.25) and table["gain_unique"][0] == pytest.approx(1.25)
    shown = energy_gain.gap_closed_page(table).iloc[0]
    assert shown["gain, unique rows (nats)"].startswith("1.25 ±") and shown["gain (nats)"].startswith("2.25 ±")
    without = energy_gain.gap_closed_page(energy_gain.fractions_closed(scores, runs, {ON_FLOW: FLOW}, STRONG))
    assert "gain, unique rows (nats)" not in without and without["gain (nats)"][0].startswith("2.25 ±")


def test_an_energy_without_a_result_has_no_gain():
    scores = pd.DataFrame(by_seed({FLOW: ALONE, ON_FLOW: ["failed"] * 4}))
    shown = energy_gain.gap_closed_page(
        energy_gain.fractions_closed(scores, kept({ON_FLOW: [5] * 4}), {ON_FLOW: FLOW}, STRONG)
    ).iloc[0]
    assert (shown["with the energy (nats)"], shown["gain (nats)"], shown["stopped at zero"]) == ("—", "", "0 of 0")
