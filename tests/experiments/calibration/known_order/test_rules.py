"""Rules about methods of known order: rates of 0 and 1 in extreme cases, and wrong rules that are found out."""

import math

import numpy as np
import pandas as pd
import pytest

from ebmbench.core.columns import MODEL
from ebmbench.experiments.calibration.known_order import across, rules, within
from ebmbench.experiments.calibration.known_order.decisions import decisions
from ebmbench.experiments.calibration.known_order.rates import rates
from ebmbench.experiments.calibration.known_order.rules import Decision
from ebmbench.experiments.calibration.known_order.study import KnownMethod, KnownOrderStudy
from ebmbench.reporting.comparison.best_methods import best_methods
from ebmbench.reporting.comparison.columns import Column

STUDY = KnownOrderStudy()
METHODS = STUDY.methods()
KL = Column("kl", "exact", MODEL)
DATASETS = 6


def scores(seeds, rng, factors=None, spread=0.45, failing=(), datasets=DATASETS):
    """Exact KLs of all methods, log-normal around their ``factors``, by default the true ones; ``failing``: names."""
    rows = []
    for dataset in range(datasets):
        for method in METHODS:
            factor = (factors or {}).get(method.name, method.factor)
            for seed in range(seeds):
                head = {"dataset": f"d{dataset}", "family": "known", "loss": method.name, "stats": "none"}
                head |= {
                    "seed": seed,
                    "split": "exact",
                    "metric": "kl",
                    "distribution": MODEL,
                    "beta": 1.0,
                    "mark": None,
                }
                value = 0.02 * factor * math.exp(spread * rng.normal())
                failed = method.name in failing and seed == 0
                outcome = {"status": "diverged"} if failed else {"status": "ok", "value": value, "stderr": 1e-6}
                rows.append({"value": math.nan, "stderr": math.nan} | head | outcome)
    return pd.DataFrame(rows)


def happened(found):
    """(rule, factor, or 0 for all pairs of a table) -> whether it happened."""
    return {(one.rule, 0 if math.isnan(one.factor) else one.factor): one.happened for one in found}


def one_set(table):
    return table[table["dataset"] == "d0"]


def test_clear_differences_are_found_and_nothing_is_wrong():
    table = scores(10, np.random.default_rng(0), {"x1_5": 30, "x3": 300, "x10": 3000}, spread=0.05, failing=("fails",))
    found = happened(within.tied_group(one_set(table), KL, METHODS, 10))
    assert not found[rules.BEST_LEFT_OUT, 1] and all(found[rules.WORSE_LEFT_OUT, factor] for factor in (1.5, 3, 10))
    found = happened(within.paired_differences(one_set(table), KL, METHODS, 10))
    assert not found[rules.PAIR_WRONG, 0] and all(found[rules.PAIR_FOUND, factor] for factor in (1.5, 3, 10))
    found = happened(across.claims(table, KL, METHODS, 10))
    assert not found[rules.CLAIM_WRONG, 0] and all(found[rules.CLAIM_HELD, factor] for factor in (1.5, 3, 10))
    found = happened(across.ranks(table, KL, METHODS, 10))
    assert not found[rules.RANK_WRONG, 0] and found[rules.RANK_FOUND, 10] and found[rules.SIGNED_FOUND, 10]


def test_an_order_upside_down_is_wrong_by_every_rule():
    table = scores(
        10, np.random.default_rng(0), {"best": 3000, "equal": 30, "x1_5": 3, "x3": 1, "x10": 0.01}, spread=0.05
    )
    found = happened(within.tied_group(one_set(table), KL, METHODS, 10))
    assert found[rules.BEST_LEFT_OUT, 1] and not found[rules.WORSE_LEFT_OUT, 10]
    found = happened(within.paired_differences(one_set(table), KL, METHODS, 10))
    assert found[rules.PAIR_WRONG, 0] and found[rules.PAIR_OF_EQUALS, 1] and not found[rules.PAIR_FOUND, 10]
    found = happened(across.claims(table, KL, METHODS, 10))
    assert found[rules.CLAIM_WRONG, 0] and found[rules.CLAIM_OF_NOTHING, 1] and not found[rules.CLAIM_HELD, 10]
    found = happened(across.ranks(table, KL, METHODS, 10))
    assert found[rules.RANK_WRONG, 0] and found[rules.SIGNED_WRONG, 0] and not found[rules.RANK_FOUND, 10]


def only_the_best_mean(of, column):
    """A wrong rule: the group is the method with the best mean alone."""
    means = of[of["status"] == "ok"].groupby("loss")["value"].mean()
    return {("known", str(means.idxmin()), "none")}


def everyone(of, column):
    """A useless rule: the group is all methods."""
    return {("known", name, "none") for name in of["loss"].unique()}


def test_wrong_and_useless_rules_of_the_tied_group_are_found_out():
    rng = np.random.default_rng(1)
    tables = [scores(5, rng, datasets=1) for _ in range(30)]

    def rate(rule, counted, factor):
        made = [happened(within.tied_group(table, KL, METHODS, 5, rule))[counted, factor] for table in tables]
        return float(np.mean(made))

    assert rate(best_methods, rules.BEST_LEFT_OUT, 1) <= 0.15
    # three methods are as good as the best
    assert rate(only_the_best_mean, rules.BEST_LEFT_OUT, 1) >= 0.4
    assert rate(everyone, rules.BEST_LEFT_OUT, 1) == 0 == rate(everyone, rules.WORSE_LEFT_OUT, 10)
    assert rate(only_the_best_mean, rules.WORSE_LEFT_OUT, 10) == 1


def test_a_failed_method_is_counted_only_where_it_failed():
    rng = np.random.default_rng(2)
    whole, failed = scores(5, rng), scores(5, rng, failing=("fails",))
    assert (rules.FAILING_IN_GROUP, 1.0) not in happened(within.tied_group(one_set(whole), KL, METHODS, 5))
    found = happened(within.tied_group(one_set(failed), KL, METHODS, 5, everyone))
    assert found[rules.FAILING_IN_GROUP, 1.0]


def test_a_side_that_fails_is_not_held_however_small_its_other_errors():
    table = scores(5, np.random.default_rng(3), {"fails": 0.001}, spread=0.05, failing=("fails",))
    assert not happened(across.claims(table, KL, METHODS, 5))[rules.FAILING_HELD, 1.0]
    whole = scores(5, np.random.default_rng(3), {"fails": 0.001}, spread=0.05)
    assert happened(across.claims(whole, KL, METHODS, 5))[rules.FAILING_HELD, 1.0]


def test_who_wrongly_beats_whom():
    best, equal, worse, fails = (
        KnownMethod("a", 1),
        KnownMethod("b", 1),
        KnownMethod("c", 3),
        KnownMethod("d", 1, 0.2),
    )
    assert best.wrongly_beats(equal) and worse.wrongly_beats(best) and fails.wrongly_beats(best)
    assert not best.wrongly_beats(worse) and not worse.wrongly_beats(fails) and not best.wrongly_beats(fails)


def test_fewer_data_sets_than_a_test_of_ranks_needs_decide_nothing():
    table = scores(3, np.random.default_rng(4), datasets=5)
    assert list(across.ranks(table, KL, METHODS, 3)) == []


def test_every_repetition_has_its_own_seeds_and_seeds_without_samples_have_none():
    table = scores(9, np.random.default_rng(5), datasets=1)
    # where a metric is skipped, a training that failed is still a failure
    last = table["seed"] > 6
    table.loc[last, "status"] = np.where(table.loc[last, "loss"] == "fails", "diverged", "skipped")
    found = [one for one in decisions("kl", table, STUDY) if one.rule == rules.BEST_LEFT_OUT]
    assert [one.seeds for one in found] == [3, 3, 5]


def made(rule, count, n, seeds=3):
    return [Decision(rule, "kl", 1.0, seeds, i < count) for i in range(n)]


@pytest.mark.parametrize(
    ("rule", "count", "kept"),
    [
        (rules.BEST_LEFT_OUT, 0, "yes"),
        (rules.BEST_LEFT_OUT, 8, "yes"),
        (rules.BEST_LEFT_OUT, 20, "no"),
        (rules.CALLED_MATCHED, 95, "yes"),
        (rules.CALLED_MATCHED, 70, "no"),
        (rules.WORSE_LEFT_OUT, 1, ""),
    ],
)
def test_rates_their_errors_and_whether_a_level_is_kept(rule, count, kept):
    row = rates(made(rule, count, 100)).iloc[0]
    assert row["rate"] == count / 100 and row["repetitions"] == 100 and row["kept"] == kept
    smoothed = (count + 1) / 102
    assert row["stderr"] == pytest.approx(math.sqrt(smoothed * (1 - smoothed) / 102))


def test_rates_are_in_the_order_of_the_rules():
    table = rates(
        made(rules.CLAIM_WRONG, 1, 4) + made(rules.BEST_LEFT_OUT, 1, 4, 5) + made(rules.BEST_LEFT_OUT, 0, 4, 3)
    )
    assert table["rule"].tolist() == [rules.BEST_LEFT_OUT.name] * 2 + [rules.CLAIM_WRONG.name]
    assert table["seeds"].tolist() == [3, 5, 3]
