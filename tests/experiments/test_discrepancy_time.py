"""From score matching to maximum likelihood as t grows: ends, gains, few negatives."""

import pytest
import torch

from ebmbench.experiments import discrepancy_time
from ebmbench.experiments.discrepancy_time import DiscrepancyTime
from tests.helpers.targets import generator

EXAMPLES = ("polynomials", "wrong_network")


@pytest.fixture(scope="module", autouse=True)
def fewer_cells():
    """A third of the cells of the wider line, .4 apart: the narrowest mode has an sd of .7."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discrepancy_time, "WIDE_CELLS", 81)
        yield


@pytest.fixture(scope="module")
def tables():
    return DiscrepancyTime(times=6, most=4).run(generator())


def mismatches(tables, example, loss):
    """A row a value of the setting, a column a statistic."""
    rows = tables["mismatch"]
    rows = rows[(rows["example"] == example) & (rows["loss"] == loss)].fillna({"value": 0.0})
    return rows.pivot(index="value", columns="statistic", values="mismatch")


def divergences(tables, example, loss):
    rows = tables["divergence"]
    return rows[(rows["example"] == example) & (rows["loss"] == loss)]["kl"].tolist()


@pytest.mark.parametrize("example", EXAMPLES)
def test_it_goes_from_score_matching_to_maximum_likelihood(tables, example):
    ed, sm, ml = (mismatches(tables, example, loss) for loss in ("ed", "sm", "ml"))
    assert (ed.iloc[0] - sm.iloc[0]).abs().max() < 6e-4 < 0.05 < sm.iloc[0].abs().max()
    assert ed.iloc[-1].abs().max() < 3e-5 and ml.iloc[0].abs().max() < 1e-9
    kl = divergences(tables, example, "ed")
    assert kl == sorted(kl, reverse=True)
    assert divergences(tables, example, "sm")[0] > kl[0] > kl[-1] >= divergences(tables, example, "ml")[0] - 1e-12


@pytest.mark.parametrize("example", EXAMPLES)
def test_noise_contrast_and_denoising_end_elsewhere(tables, example):
    nce = mismatches(tables, example, "nce").abs().max(axis=1)
    assert nce[1000] < 2e-4 < 0.015 < nce[1]
    assert nce[500] == pytest.approx(2 * nce[1000], rel=0.02)
    dsm, sm = mismatches(tables, example, "dsm"), mismatches(tables, example, "sm")
    assert (dsm.iloc[0] - sm.iloc[0]).abs().max() < 1e-3
    assert dsm.index.max() <= 1 and dsm.iloc[-1].abs().max() > 0.05


def test_both_sides_of_the_gain_agree_and_are_what_score_matching_loses(tables):
    rows = tables["divergence"]
    assert (rows["gained"] - rows["gain"]).abs().max() < 1e-12
    for example, loss, gain in (("polynomials", "sm", 0.021528), ("wrong_network", "sm", 0.004170)):
        found = rows[(rows["example"] == example) & (rows["loss"] == loss)]["gain"]
        assert float(found.iloc[0]) == pytest.approx(gain, abs=2e-6)
    assert rows[rows["loss"] == "ml"]["gain"].abs().max() < 1e-12 < 1e-3 < rows["gain"].max()


def test_of_few_negatives_only_w_one_finds_what_the_family_holds(tables):
    rows = tables["negatives"]
    own = rows[rows["data"] == "own"].groupby(["M", "w"])[["kl", "mismatch"]].agg(lambda values: values.abs().max())
    for M in (1, 2, 4):
        assert own.loc[(M, 1.0), "kl"] < 1e-12 and own.loc[(M, 1.0), "mismatch"] < 1e-8
        assert min(own.loc[(M, w), "kl"] for w in (0.5, 2.0)) > 3e-3
    given = rows[rows["data"] == "given"].groupby(["M", "w"])["kl"].max().unstack()
    assert (given[1.0] < given[0.5]).all() and (given[1.0] < given[2.0]).all()
    assert given.loc[1, 1.0] > given.loc[2, 1.0] > given.loc[4, 1.0] > divergences(tables, "wrong_network", "ml")[0]


def test_without_a_stabiliser_few_negatives_have_no_least_value(tables):
    rows = tables["negatives"]
    lost = rows[rows["status"] != "ok"]
    assert set(lost["w"]) == {0.0} and set(lost["M"]) == {1, 2}
    assert lost["reason"].str.contains("no least value").all()
    assert lost["kl"].isna().all() and rows[rows["status"] == "ok"]["kl"].notna().all()


def test_nothing_is_drawn():
    small = DiscrepancyTime(cells=91, times=2, shortest=0.1, most=1)
    one, other = (small.run(torch.Generator().manual_seed(seed)) for seed in (1, 9))
    assert all(other[name].equals(table) for name, table in one.items())


@pytest.mark.parametrize(
    ("settings", "allowed"),
    [
        ({"times": 1}, "times = 1; allowed: 2 or more"),
        ({"shortest": 40.0}, "shortest = 40; allowed: below longest = 30"),
        ({"cells": 1}, "cells = 1; allowed: 2 or more"),
        ({"cells": 100}, "cells = 100; allowed: 571 or more at shortest = 0.001"),
    ],
)
def test_impossible_settings_are_refused(settings, allowed):
    with pytest.raises(ValueError, match=allowed):
        DiscrepancyTime(**settings)
