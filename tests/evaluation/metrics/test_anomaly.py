"""Areas under curves against Gaussians, where they are known, and the error against the spread over draws."""

import math

import pytest
import torch
from scipy.stats import norm

from ebmbench.evaluation.metrics.anomaly import PRECISION_RECALL, RANKS, anomaly
from ebmbench.evaluation.metrics.reconstruction import reconstruction_mse
from tests.helpers.targets import generator


def draw(n, shift, seed, share=0.3):
    stream = generator(seed)
    odd = torch.rand(n, generator=stream) < share
    return torch.randn(n, generator=stream) + shift * odd, odd


def test_areas_of_gaussians_are_known_and_errors_are_the_spread_over_draws():
    found = [anomaly(*draw(2000, 1.0, seed)) for seed in range(40)]
    for name in (RANKS, PRECISION_RECALL):
        values = torch.tensor([one[name].value for one in found])
        stderr = torch.tensor([one[name].stderr for one in found]).mean()
        assert 0.6 < float(stderr / values.std()) < 1.6
    ranks = torch.tensor([one[RANKS].value for one in found])
    assert float(ranks.mean()) == pytest.approx(norm.cdf(1 / math.sqrt(2)), abs=0.006)


def test_an_energy_that_knows_nothing_has_chance_s_areas_and_one_that_knows_all_has_one():
    energy, odd = draw(20_000, 0.0, 1, share=0.2)
    found = anomaly(energy, odd)
    assert abs(found[RANKS].value - 0.5) < 4 * found[RANKS].stderr
    assert abs(found[PRECISION_RECALL].value - 0.2) < 4 * found[PRECISION_RECALL].stderr
    assert anomaly(energy + 100 * odd, odd)[PRECISION_RECALL].value == 1
    # low for the odd ones: worse than chance, not the mirror image of good
    assert anomaly(-energy - 100 * odd, odd)[RANKS].value == 0


def test_rows_of_one_kind_alone_have_no_area():
    assert math.isnan(anomaly(torch.randn(100), torch.zeros(100, dtype=torch.bool))[RANKS].value)
    assert math.isnan(anomaly(torch.randn(100), torch.arange(100) == 5)[RANKS].value)


def test_reconstruction_is_a_mean_over_rows_and_pixels():
    rows = torch.zeros(100, 4)
    found = rows.clone()
    found[:50] = 0.2
    estimate = reconstruction_mse(found, rows)
    assert estimate.value == pytest.approx(0.02) and estimate.n == 100
    assert estimate.stderr == pytest.approx(0.02 * math.sqrt(100 / 99) / 10)
