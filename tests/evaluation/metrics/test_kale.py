"""What an energy adds to its base measure, against closed forms."""

import math

import pytest
import torch

from ebmbench.evaluation.metrics.kale import kale
from tests.helpers.targets import generator

N = 400_000


def normal_pair(slope):
    """E(x) = -slope x on b = N(0, 1), A = slope^2 / 2, at rows of N(1, .5): log dq/db."""
    x = 1 + 0.5**0.5 * torch.randn(N, generator=generator(1), dtype=torch.float64)
    return slope * x - slope**2 / 2


def test_it_is_the_mean_log_ratio_and_at_most_the_divergence():
    """q = N(s, 1): E_P log q/b = s m - s^2/2, at most KL(P || b) = (s2 + m^2 - 1 - log s2)/2 = .5966."""
    divergence = (0.5 + 1 - 1 - math.log(0.5)) / 2
    for slope in (0.5, 1.0, 2.0):
        found = kale(normal_pair(slope))
        assert found.value == pytest.approx(slope - slope**2 / 2, abs=4 * found.stderr)
        assert found.value < divergence
    assert found.n == N


def test_the_error_is_of_the_rows_and_of_the_partition():
    rows, both = kale(normal_pair(1.0)).stderr, kale(normal_pair(1.0), 0.3).stderr
    assert rows == pytest.approx(math.sqrt(0.5 / N), rel=0.01)
    assert both == pytest.approx(math.hypot(rows, 0.3))
