"""The judge of an estimate: errors, bias, share, disagreement, on synthetic weights."""

import math

import pytest
import torch

from ebmbench.inference.likelihoods.populations import judged, of_weights, split
from tests.helpers.targets import generator


def lognormal(sigma, populations=16, particles=128, seed=0):
    """log-weights whose mean is 1: effective share exp(-sigma^2)."""
    noise = torch.randn(populations, particles, generator=generator(seed), dtype=torch.float64)
    return sigma * noise - sigma**2 / 2


def judge(log_weights, method="test"):
    return judged(*of_weights(log_weights), log_weights.shape[1], method)


def test_value_error_share_and_bias_of_plain_weights():
    log_weights = lognormal(0.7, 8, 5000)
    found = judge(log_weights)
    weights = log_weights.exp().flatten()
    assert (found.status, found.reason, found.method) == ("ok", "", "test")
    assert found.value == pytest.approx(float(weights.mean().log()), abs=1e-12)
    plain = float(weights.std() / weights.mean()) / math.sqrt(len(weights))
    assert found.stderr == pytest.approx(plain, rel=0.01) or found.stderr > plain
    kong = float(weights.sum() ** 2 / (len(weights) * weights.square().sum()))
    assert found.diagnostics["ess_fraction"] == pytest.approx(kong, rel=0.01)
    assert found.diagnostics["ess_fraction"] == pytest.approx(math.exp(-0.49), rel=0.05)
    assert found.diagnostics["bias"] == pytest.approx(-(1 / kong - 1) / (2 * len(weights)), rel=0.02)


def test_the_larger_of_two_errors_is_taken():
    close = torch.tensor([0.0, 0.01, -0.01], dtype=torch.float64)
    far = 100 * close
    each = torch.full((3,), 1e-2, dtype=torch.float64)
    assert judged(close, each, 50, "test").stderr == pytest.approx(math.sqrt(1e-2 / 3), rel=1e-3)
    spread = far.exp() / far.exp().mean()
    assert float(spread.std()) > 0.5
    assert judged(far, each, 50, "test").stderr == pytest.approx(float(spread.std()) / math.sqrt(3), rel=1e-9)


def test_a_share_below_one_percent_fails_and_says_so():
    def of_share(share):
        """One particle in many has all the weight."""
        n = 1000
        weights = torch.full((4, n), -1e3, dtype=torch.float64)
        weights[:, : round(share * n)] = 0.0
        return judge(weights)

    assert of_share(0.02).status == "ok"
    failed = of_share(0.005)
    assert failed.status == "failed"
    assert "effective share of the particles is 0.50%, below 1%" in failed.reason


def test_populations_that_disagree_fail_and_say_so():
    log_z = torch.zeros(16, dtype=torch.float64)
    log_z[0] = 0.5
    assert judged(log_z, torch.full((16,), 0.04, dtype=torch.float64), 100, "test").status == "ok"
    failed = judged(log_z, torch.full((16,), 0.0025, dtype=torch.float64), 100, "test")
    assert failed.status == "failed"
    assert failed.reason.startswith("populations disagree by")


def test_the_disagreement_is_the_normal_deviate_of_the_chi_square_tail():
    # P - 1 = 1: squares of 9 have the two-sided tail of 3 deviations, .0027, which is 2.782 one-sided
    gap = 3 / math.sqrt(2) * 0.01
    log_z = torch.tensor([math.log1p(gap), math.log1p(-gap)], dtype=torch.float64)
    found = judged(log_z, torch.full((2,), 1e-4, dtype=torch.float64), 100, "test")
    assert found.diagnostics["disagreement"] == pytest.approx(2.7822, abs=2e-3)
    one = judged(torch.zeros(16, dtype=torch.float64), torch.full((16,), 1e-2, dtype=torch.float64), 100, "test")
    assert one.diagnostics["disagreement"] < -3


def false_alarms(sigma, shift=0.0, repetitions=500):
    """Share of repetitions that fail; ``shift`` in nats parts half of the populations from the others."""
    halves = torch.tensor([0.0, shift], dtype=torch.float64).repeat(8)[:, None]
    failed = [judge(lognormal(sigma, seed=seed) + halves).status == "failed" for seed in range(repetitions)]
    return sum(failed) / repetitions


@pytest.mark.parametrize("sigma", [0.3, 1.0, 1.5, 1.7])
def test_consistent_populations_rarely_fail(sigma):
    assert false_alarms(sigma) < 0.02


def test_one_population_that_found_more_is_never_overlooked():
    # a single heavy particle of one population: it alone has the mass
    log_weights = lognormal(0.3)
    log_weights[3, 7] += math.log(40 * 128)
    assert judge(log_weights).status == "failed"
    # many heavy particles there: it stands apart from the others
    log_weights = lognormal(0.3)
    log_weights[3] += math.log(4)
    assert "disagree" in judge(log_weights).reason


def test_parted_populations_often_fail():
    assert false_alarms(0.5, shift=0.3, repetitions=100) > 0.9


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_values_that_are_not_finite_fail(value):
    log_z = torch.tensor([0.0, value, 0.1], dtype=torch.float64)
    found = judged(log_z, torch.full((3,), 0.01, dtype=torch.float64), 10, "test")
    assert (found.status, found.reason) == ("failed", "log Z of test is not finite")
    assert math.isnan(found.value)


def test_equal_weights_have_no_error():
    found = judge(torch.full((4, 50), 2.5, dtype=torch.float64))
    assert (found.status, found.value) == ("ok", pytest.approx(2.5, abs=1e-12))
    assert found.stderr < 1e-12
    assert found.diagnostics["ess_fraction"] == pytest.approx(1, abs=1e-9)


def test_rows_are_split_in_order_and_the_rest_left_out():
    assert split(torch.arange(11), 3).tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


def test_the_variance_of_a_mean_of_weights():
    log_weights = lognormal(1.0, 4000, 50)
    log_z, variance = of_weights(log_weights)
    empirical = float(log_z.exp().var())
    assert float((variance * (2 * log_z).exp()).mean()) == pytest.approx(empirical, rel=0.1)
    assert (math.e - 1) / 50 == pytest.approx(empirical, rel=0.1)
