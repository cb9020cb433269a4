"""Verdicts: what a whole claim rests on, one error rate for the table, and what would decide the rest."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from ebmbench.reporting.claims.claim import Learnt
from ebmbench.reporting.claims.combine import weigh
from ebmbench.reporting.claims.evidence import Evidence
from ebmbench.reporting.claims.power import power, what_would_decide
from ebmbench.reporting.claims.verdicts import ALL, decide, rows, table
from tests.helpers.claim_sides import CLAIM, FAILED, both, side

EVERY = dataclasses.replace(CLAIM, estimand="every")


def sets(*effects, spread=0.1, n=5, claim=CLAIM):
    """Evidence with these effects: other - this has this mean, and this spread over n trainings."""
    z = np.linspace(-1, 1, n)
    noise = spread * z / z.std(ddof=1)
    return weigh(claim, [both(noise, np.full(n, of), str(i)) for i, of in enumerate(effects)])


def test_the_mean_over_data_sets_is_tested_between_data_sets():
    effects = [0.1, 1.0, 0.4, 0.5, 0.6]
    found = sets(*effects)
    assert found.sided.p == pytest.approx(scipy.stats.ttest_1samp(effects, 0).pvalue, rel=1e-9)
    # more trainings do not make five data sets more
    assert sets(*effects, n=500).sided.p == pytest.approx(found.sided.p, rel=1e-9)


def test_a_claim_about_every_entry_is_as_good_as_its_worst():
    entries = [sets(of).sided for of in (1.0, 0.05)]
    found = sets(1.0, 0.05, claim=EVERY).sided
    assert found.held == entries[1].held and found.against == min(1, 2 * entries[1].against)
    assert sets(1.0, -1.0, claim=EVERY).sided.against < 0.001


def test_entries_with_one_training_each_are_no_test():
    alone = weigh(CLAIM, [both([0.0], [1.0], "a"), both([0.0], [5.0], "b")])
    assert not alone.tested and math.isnan(alone.p)
    assert alone.reasons == ["one training each on a, b"]
    assert decide([alone], 0.05)[0].verdict == "undecided"
    some = weigh(CLAIM, [both([0.0], [1.0], "a"), *[both(np.arange(3), np.arange(3) + i, str(i)) for i in (5, 6)]])
    assert some.tested and some.mean.entries == 2


def test_holm_counts_the_claims_that_have_a_test():
    single = sets(1.0, spread=0.4)
    alone = weigh(CLAIM, [both([0.0], [1.0])])
    found = decide([single, alone, sets(0.0)], 0.05)
    assert found[0].p_holm == pytest.approx(2 * found[0].p) and math.isnan(found[1].p_holm)
    many = decide([single, *[sets(0.0)] * 30], 0.05)
    assert found[0].verdict == "held" and many[0].verdict == "undecided" and many[0].p < 0.05


def test_nothing_is_decided_for_the_side_that_fails_more_often():
    good = [both(np.arange(5) * 0.1, np.arange(5) * 0.1 + 1, str(i)) for i in range(6)]
    assert weigh(CLAIM, good).sided.held < 0.001
    one = [good[0]._replace(this=side([0.0, 0.1, 0.2, 0.3, FAILED])), *good[1:]]
    found = weigh(CLAIM, one)
    assert found.sided.held == 1.0 and found.reasons == ["this side failed alone 1 times, the other 0"]
    assert weigh(CLAIM, [each._replace(this=each.other, other=each.this) for each in one]).sided.against == 1.0


COMPARABLE = dataclasses.replace(CLAIM, relation="at_most", margin=0.05, untrained=1.0, learnt=Learnt(0.9, 0.0))


def comparable(this, other, claim=COMPARABLE):
    """Three data sets on which the two sides have these values, but for a small noise."""
    noise = np.array([-0.001, 0.0, 0.001])
    return weigh(claim, [both(this + (i + 1) * noise, other + noise[::-1], str(i), 1.0) for i in range(3)])


def test_comparable_are_only_models_that_have_learnt():
    assert comparable(0.02, 0.03).sided.held < 0.001
    both_fail = comparable(0.42, 0.42)
    assert both_fail.entries == [] and both_fail.sided.held == 1.0
    assert what_would_decide(both_fail, 0.05) == "trainings of the other side that learn"
    # without the rule the two failures hold
    assert comparable(0.42, 0.42, dataclasses.replace(COMPARABLE, learnt=None)).sided.held < 0.001
    behind = comparable(0.12, 0.08)
    assert behind.sided.held > 0.05 and "this side has not learnt on 0, 1, 2" in behind.reasons


def test_being_better_is_comparable_too():
    assert comparable(0.001, 0.08).sided.held < 0.001
    assert comparable(0.09, 0.001).sided.against < 0.001


def test_what_is_unknown_keeps_a_claim_from_being_held_but_not_from_being_contradicted():
    claim = dataclasses.replace(CLAIM, cannot_hold="there is no oracle")
    assert sets(1.0, 1.1, 1.2, claim=claim).sided.held == 1.0
    found = decide([sets(-1.0, -1.1, -1.2, claim=claim)], 0.05)[0]
    assert found.verdict == "not held" and found.of.reasons == ["there is no oracle"]


def test_learning_of_means_takes_their_own_errors():
    claim = dataclasses.replace(COMPARABLE, test="means", count="n")
    means = [Evidence("x", side([x], [0.001], [30]), side([0.03], [0.001], [30]), 1.0) for x in (0.02, 0.3)]
    assert weigh(claim, means[:1]).sided.held < 0.001 and weigh(claim, means[1:]).sided.held > 0.9


def simulated_power(distance, sd, n, level, repetitions=4000):
    x = np.random.default_rng(0).normal(distance, sd, size=(repetitions, n))
    return (scipy.stats.ttest_1samp(x, 0, axis=1).pvalue <= level).mean()


@pytest.mark.parametrize(("distance", "sd", "n", "level"), [(1, 1, 5, 0.05), (0.5, 1, 20, 0.01), (3, 1, 4, 0.002)])
def test_power_is_that_of_repetition(distance, sd, n, level):
    assert power(distance, sd, n, level) == pytest.approx(simulated_power(distance, sd, n, level), abs=0.03)


def test_power_is_one_where_its_function_underflows():
    assert power(2.3, 1.86, 1000, 0.001) == 1.0 and power(1.0, 1.0, 1, 0.05) == 0.0 and power(1.0, 0.0, 3, 0.05) == 1.0


def number(text):
    return int(text.split()[0])


def test_as_many_trainings_as_are_said_would_decide():
    n = number(what_would_decide(sets(0.5, spread=1.0), 0.05))
    assert power(0.5, 1.0, n, 0.05) >= 0.8 > power(0.5, 1.0, n - 1, 0.05)


def test_data_sets_and_trainings_are_both_named_where_both_would_do():
    varied = what_would_decide(sets(0.1, 1.0, 0.0, 0.4, spread=0.01), 0.01)
    assert "data sets like these, more trainings on these 4 would not do" in varied
    noisy = what_would_decide(sets(0.3, 0.4, 0.35, -0.1, spread=2.0), 0.05)
    assert " trainings on each of these 4" in noisy


def test_an_effect_against_the_claim_would_contradict_it():
    assert what_would_decide(sets(-0.5, spread=1.0), 0.05).endswith("would show that the claim does not hold")
    assert "would show" in what_would_decide(sets(1.0, -0.5, spread=1.0, claim=EVERY), 0.05)


def test_the_hardest_entry_of_all_is_named():
    text = what_would_decide(sets(1.0, 0.2, spread=1.0, claim=EVERY), 0.05)
    assert "(on 1)" in text and number(text) == number(what_would_decide(sets(0.2, spread=1.0), 0.05))


def test_times_need_more_trainings_than_the_smallest_p_allows():
    claim = dataclasses.replace(CLAIM, test="times", reached="reached")
    text = what_would_decide(weigh(claim, [both([1.0, 2.0, 3.0], [4.0, 5.0, math.inf])]), 0.001)
    assert number(text) >= 7


def test_the_table_has_the_entries_the_claim_and_integer_counts():
    of = decide([sets(1.0, 1.1, 0.9)], 0.05)[0]
    found = table(rows(of, 0.05, {"published_for": 2}))
    assert found["on"].tolist() == ["0", "1", "2", ALL]
    whole = found.iloc[-1]
    assert (whole["verdict"], whole["held"], whole["undecided"], whole["published_for"]) == ("held", 3, 0, 2)
    assert whole["ci_low"] < whole["effect"] < whole["ci_high"] and whole["prediction_low"] < whole["ci_low"]
    assert str(found["pairs"].dtype) == "Int64" and pd.isna(found["p_holm"][0])


def test_units_are_those_of_the_metric_or_a_ratio():
    units = [
        rows(decide([sets(1.0, claim=dataclasses.replace(CLAIM, **changes))], 0.05)[0], 0.05, {})[0]["unit"]
        for changes in ({"rows": {"metric": "kl"}}, {"this": {"metric": "nll"}}, {})
    ]
    assert units == ["nats", "nats", ""]
