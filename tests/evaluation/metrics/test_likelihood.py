"""Negative log-likelihood: values by hand, errors by repetition."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from ebmbench.evaluation.metrics.likelihood import TRIM, nll, nll_trimmed

FORTY = torch.arange(40, dtype=torch.float64)


def test_nll_is_the_mean_with_its_standard_error():
    found = nll(-FORTY)
    assert found == (19.5, pytest.approx(np.std(FORTY.numpy(), ddof=1) / math.sqrt(40)), 40)


def test_the_error_of_log_z_adds_in_quadrature():
    alone = nll(-FORTY).stderr
    assert nll(-FORTY, log_z_stderr=3.0).stderr == pytest.approx(math.hypot(alone, 3))
    trimmed = nll_trimmed(-FORTY).stderr
    assert nll_trimmed(-FORTY, log_z_stderr=3.0).stderr == pytest.approx(math.hypot(trimmed, 3))


def test_a_fortieth_is_cut_at_each_end():
    values = FORTY.clone()
    values[-1] = math.inf
    found = nll_trimmed(-values)
    assert found.value == pytest.approx(np.arange(1, 39).mean())
    winsorised = np.clip(np.arange(40), 1, 38)
    assert found.stderr == pytest.approx(winsorised.std(ddof=1) / (0.95 * math.sqrt(40)))
    skewed = np.random.default_rng(1).exponential(size=333)
    both = (stats.trim_mean(skewed, TRIM), float(stats.mstats.trimmed_stde(skewed, limits=(TRIM, TRIM))))
    assert nll_trimmed(-torch.from_numpy(skewed))[:2] == pytest.approx(both, rel=1e-12)
    values[-2] = math.inf
    assert nll_trimmed(-values).value == math.inf
    assert nll(-values).value == math.inf


def test_nan_is_not_trimmed():
    values = FORTY.clone()
    values[-1] = math.nan
    assert math.isnan(nll_trimmed(-values).value) and math.isnan(nll(-values).value)


def test_the_trimmed_error_has_the_size_of_the_spread_under_heavy_tails():
    generator = np.random.default_rng(0)
    draws = generator.standard_t(2.1, size=(400, 400))
    found = [nll_trimmed(-torch.from_numpy(row)) for row in draws]
    z = np.array([estimate.value / estimate.stderr for estimate in found])
    assert 0.9 < z.std() < 1.1
    plain = np.array([estimate.value for estimate in found]) / (draws.std(axis=1) / 20)
    assert not 0.9 < plain.std() < 1.1
    assert TRIM == 0.025
