"""One entry of a claim: errors between trainings, t with the right degrees of freedom, failures, censored times."""

import dataclasses
import math

import numpy as np
import pytest
import scipy.stats

from ebmbench.core.errors import UserError
from ebmbench.reporting.claims.estimates import TESTS
from ebmbench.reporting.claims.evidence import Evidence
from ebmbench.reporting.claims.ranks import first_to_reach, smallest_p
from ebmbench.reporting.claims.region import NOTHING, region
from tests.helpers.claim_sides import CLAIM, FAILED, both, side

INF = math.inf


def estimate(evidence, **changes):
    claim = dataclasses.replace(CLAIM, **changes)
    return TESTS[claim.test](evidence, claim.scale, region(claim))


@pytest.mark.parametrize("level", [0.05, 0.005])
def test_the_interval_and_p_of_trainings_are_scipys_paired_ones(level):
    a, b = np.random.default_rng(0).normal(size=(2, 5))
    found, known = estimate(both(a, b), relation="greater"), scipy.stats.ttest_rel(a, b)
    interval = known.confidence_interval(1 - level)
    assert found.interval(level) == pytest.approx((interval.low, interval.high), rel=1e-12)
    assert found.sided.p == pytest.approx(known.pvalue, rel=1e-12)


def test_the_log_scale_compares_ratios():
    found = estimate(both([1.0, 4.0], [2.0, 8.0]), scale="log")
    assert (found.effect, found.stderr) == (pytest.approx(math.log(2)), pytest.approx(0, abs=1e-12))
    with pytest.raises(UserError, match=r"claims: x: scale = log with the value -1; allowed: above 0"):
        estimate(both([-1.0, 1.0], [1.0, 1.0]), scale="log")


@pytest.mark.parametrize(
    ("relation", "margin", "this", "side"),
    [
        *(("less", 0, [0.0, 0.1], "held"), ("less", 0, [2.0, 2.1], "against"), ("less", 2, [0.0, 0.1], "against")),
        *(("greater", 0, [2.0, 2.1], "held"), ("at_most", 2, [2.0, 2.1], "held"), ("at_most", 2, [-9.0, -9.1], "held")),
        *(
            ("at_most", 0.5, [2.0, 2.1], "against"),
            ("within", 2, [2.0, 2.1], "held"),
            ("within", 2, [-9.0, -9.1], "against"),
        ),
    ],
)
def test_each_relation_decides(relation, margin, this, side):
    found = estimate(both(this, [1.0, 1.0]), relation=relation, margin=margin).sided
    assert getattr(found, side) < 0.05 and found.p < 0.1
    assert found.held < found.against if side == "held" else found.held > found.against


def test_one_training_each_decides_nothing_however_large_the_difference():
    found = estimate(both([1e-9], [1e9]))
    assert found.trainings == 1 and found.sided == NOTHING and math.isnan(found.interval(0.05)[0])


def test_means_have_welchs_degrees_of_freedom():
    generator = np.random.default_rng(1)
    a, b = generator.normal(size=4), generator.normal(1, 3, size=30)
    of = [side([x.mean()], [x.std(ddof=1) / math.sqrt(len(x))], [len(x)]) for x in (a, b)]
    known = scipy.stats.ttest_ind(a, b, equal_var=False)
    found = estimate(Evidence("x", *of), test="means")
    assert (found.sided.p, found.df) == (pytest.approx(known.pvalue, rel=1e-9), pytest.approx(known.df, rel=1e-9))
    # a normal distribution in place of Student's says more than three degrees of freedom know
    three = [side([x], [1.0], [3]) for x in (0.0, 3.0)]
    normal = 2 * scipy.stats.norm.sf(3 / math.sqrt(2))
    assert normal < 0.05 < estimate(Evidence("x", *three), test="means").sided.p


def test_means_of_one_training_decide_nothing():
    one = Evidence("x", side([0.0], [0.001], [1]), side([1.0], [0.001], [1]))
    assert estimate(one, test="means").sided == NOTHING


def test_a_constant_other_side_has_no_error():
    found = estimate(
        Evidence("x", side([1.1], [0.1], [30]), side([1.0], [0.0], [INF])), test="means", relation="within", margin=1.0
    )
    assert (found.df, found.stderr) == (pytest.approx(29), pytest.approx(0.1))


def test_a_failure_counts_as_the_worst_pair_and_never_as_a_merit():
    found = estimate(both([1.0, 1.2, FAILED], [2.0, 2.0, 2.0]))
    assert found.effect == pytest.approx((1.0 + 0.8 + 0.0) / 3) and tuple(found.failures) == (1, 0, 0)
    assert found.sided.held == 1.0
    worse = estimate(both([3.0, 3.2, FAILED], [2.0, 2.0, 2.0]))
    assert worse.effect == pytest.approx((-1.0 - 1.2 - 1.2) / 3) and worse.sided.against < 0.05


def test_filled_values_do_not_make_the_spread_look_small():
    found = estimate(both([1.0, 2.0, 1.0, 1.0, 1.0], [2.0, 4.0, *[FAILED] * 3]))
    assert found.trainings == 2 and found.stderr == pytest.approx(0.5) and found.df == 1


def test_a_training_that_always_fails_is_worth_the_untrained_model():
    found = estimate(both([1.0, 1.1, 1.2], [FAILED] * 3, untrained=5.0))
    assert found.effect == pytest.approx(3.9) and found.sided.held < 0.001
    assert estimate(both([FAILED] * 3, [1.0, 1.1, 1.2], untrained=5.0)).sided.against < 0.001


def test_without_an_untrained_model_failures_are_counted():
    found = estimate(both([1.0, 1.1, 1.2], [FAILED] * 3))
    assert math.isnan(found.effect) and found.sided.held == 1 / 8 and found.sided.against == 1.0


def test_failing_together_is_no_merit_of_a_claim_to_be_comparable():
    three = both([1.0, 1.0, FAILED], [1.0, 1.0, FAILED])
    assert estimate(three, relation="at_most", margin=1.0).sided.held == 1.0
    assert tuple(estimate(three).failures) == (0, 0, 1)


def dropping(evidence):
    """The wrong rule: pairs without a value vanish."""
    a, b = evidence.this.values, evidence.other.values
    kept = ~np.isnan(a) & ~np.isnan(b)
    return scipy.stats.ttest_rel(a[kept], b[kept], alternative="less").pvalue if kept.sum() > 1 else 1.0


def test_failing_on_bad_seeds_does_not_win_but_would_if_pairs_were_dropped():
    """This side equals the other, and fails whenever its value is bad."""
    generator, repetitions = np.random.default_rng(2), 400
    held = wrong = 0
    for _ in range(repetitions):
        this, other = generator.normal(size=(2, 10))
        evidence = both(np.where(this > 0, FAILED, this), other)
        held += estimate(evidence).sided.held < 0.025
        wrong += dropping(evidence) < 0.025
    assert held / repetitions <= 0.025 and wrong / repetitions > 0.15


def test_the_score_of_times_is_mann_whitneys_and_a_time_not_reached_is_the_latest():
    a, b = np.array([3.0, 1.0, 7.0, 2.0]), np.array([4.0, 9.0, 8.0, 11.0, 6.0])
    effect, p_first, p_last = first_to_reach(a, b)
    known = scipy.stats.mannwhitneyu(a, b, alternative="less", method="exact")
    assert effect == pytest.approx(1 - 2 * known.statistic / 20) and p_first == pytest.approx(known.pvalue)
    assert p_last == pytest.approx(scipy.stats.mannwhitneyu(a, b, alternative="greater", method="exact").pvalue)
    assert first_to_reach(np.array([5.0, INF]), np.array([INF, INF]))[0] == 0.5
    assert first_to_reach(np.full(5, 2.0), np.full(5, INF))[1] == smallest_p(5) == pytest.approx(1 / 252)


def test_large_groups_take_the_normal_approximation():
    a, b = np.random.default_rng(3).normal(size=(2, 30)) + np.array([[0.0], [0.5]])
    known = scipy.stats.mannwhitneyu(a, b, alternative="less", method="asymptotic", use_continuity=False)
    assert first_to_reach(a, b)[1] == pytest.approx(known.pvalue, rel=1e-9)


def test_a_side_that_does_not_arrive_loses_though_its_last_checkpoint_is_earlier():
    """The committed case: all budgets end at about the same number of evaluations."""
    reached, ended = [8.3, 7.5, 9.9, 9.1, 8.7, 9.0], [8.2, 7.4, 9.8, 9.0, 8.6, 8.9]
    censored = estimate(both(reached, [INF] * 6), test="times")
    assert censored.effect == 1.0 and censored.sided.p < 0.01
    ignored = estimate(both(reached, ended), test="times")
    assert ignored.effect < 0 and ignored.sided.p > 0.5
    assert estimate(both([FAILED] * 6, reached), test="times").effect == -1.0
