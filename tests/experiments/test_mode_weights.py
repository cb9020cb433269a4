"""Mode weights by every way: what must be exact is, what is lost has its status, and seeds hang together."""

import math

import pandas as pd
import pytest
import torch

from ebmbench.experiments.interface import Study
from ebmbench.experiments.mode_weights import COLUMNS, LOSSES, ModeWeights, summary
from tests.helpers.targets import generator

SMALL = {"gaps": (6.0, 12.0), "losses": ("ml", "sm"), "rows": 400, "seeds": 2, "steps": 10, "width": 8}
ARMS = {"none", "joint", "matched", "penalty", "expfam", "posthoc"}


@pytest.fixture(scope="module")
def tables():
    return ModeWeights(**SMALL).run(generator(1))


@pytest.fixture(scope="module")
def runs(tables):
    return tables["runs"]


def of(runs, **wanted):
    for name, value in wanted.items():
        runs = runs[runs[name] == value]
    return runs


def test_every_row_tells_its_gap_loss_arm_set_and_seed(runs):
    assert tuple(runs.columns) == COLUMNS
    assert set(runs["arm"]) == ARMS
    assert not runs.duplicated(["gap", "loss", "arm", "set", "seed"]).any()
    assert len(runs) == 2 * 2 * 2 * (len(ARMS) + 1)
    assert set(of(runs, set="s1")["arm"]) == {"posthoc"}


@pytest.mark.parametrize("arm", ["matched", "posthoc"])
def test_settled_weights_are_the_rows_shares_whatever_the_network(runs, arm):
    """At 12 standard deviations the soft indicator is the hard one; the network alone is far from the truth."""
    root = int(torch.randint(2**62, (), generator=generator(1)))
    places = [ModeWeights(**SMALL)._place(12.0, seed, root) for seed in range(2)]
    shares = [float((place.rows > 0).double().mean()) for place in places]
    assert abs(shares[0] - shares[1]) > 0.01
    for seed, rows in of(runs, gap=12.0, arm=arm, set="modes", status="ok").groupby("seed"):
        assert len(rows) == 2
        assert rows["weight"].max() - rows["weight"].min() < 1e-3
        assert rows["weight"].iloc[0] == pytest.approx(shares[seed], abs=4e-3)
    alone = of(runs, gap=12.0, arm="none", loss="ml")
    assert (alone["weight"] - 0.2).abs().max() > 0.005
    assert (of(runs, arm=arm, gap=12.0, set="modes")["mismatch"] < 0.15).all()


def test_a_divergence_is_a_row_without_numbers(runs, tables):
    """Score matching's equations for an indicator that is all but flat at the rows have no use but on paper."""
    both = of(runs, gap=12.0, loss="sm", arm="joint")
    lost = both[both["status"] != "ok"]
    assert set(lost["status"]) == {"diverged"} and lost["reason"].str.contains("the loss was").all()
    assert lost[["weight", "kl", "mismatch"]].isna().all(axis=None)
    reported = of(tables["summary"], gap=12.0, loss="sm", arm="joint").iloc[0]
    assert (reported["n"], reported["seeds"]) == (2 - len(lost), 2)
    assert of(runs, loss="ml")["status"].eq("ok").all()


def test_a_tilt_costs_its_cells_beside_the_training(runs):
    alone, after = (of(runs, gap=6.0, loss="ml", arm=arm, seed=0).iloc[0] for arm in ("none", "posthoc"))
    assert alone["energy_evaluations"] == 10 * (128 + LOSSES["ml"].cells)
    assert alone["steps"] == after["steps"] == 10
    assert 1800 <= after["energy_evaluations"] - alone["energy_evaluations"] < 3 * 1800


def test_a_gap_does_not_depend_on_the_others(runs):
    alone = ModeWeights(**SMALL | {"gaps": (6.0,), "losses": ("ml",), "seeds": 1}).run(generator(1))["runs"]
    same = of(runs, gap=6.0, loss="ml", seed=0).reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, same)


def test_the_summary_is_over_what_ended_well():
    head = {"gap": 4.0, "loss": "ed", "arm": "none", "set": "modes", "mismatch": 0.1}
    rows = [head | {"seed": seed, "status": "ok", "weight": w, "kl": 0.5} for seed, w in enumerate((0.1, 0.4))]
    rows.append(head | {"seed": 2, "status": "diverged", "weight": math.nan, "kl": math.nan})
    reported = summary(pd.DataFrame(rows)).iloc[0]
    assert (reported["n"], reported["seeds"], reported["kl"]) == (2, 3, 0.5)
    assert reported["weight"] == pytest.approx(0.25)
    assert reported["weight_stderr"] == pytest.approx(0.3 / 2**0.5 / 2**0.5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"gaps": (4.0, 0.0)}, "allowed: 1 or more values, each above 0"),
        ({"gaps": ()}, "allowed: 1 or more values"),
        ({"losses": ("ml", "edd")}, "allowed: ml, pcd, sm"),
        ({"seeds": 0}, "seeds = 0; allowed: 1 or more"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        ModeWeights(**settings)


def test_it_needs_no_run():
    assert not isinstance(ModeWeights(), Study)
