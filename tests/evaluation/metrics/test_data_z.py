"""The squared error with log Z from the data's density: closed forms, its blindness, and errors by repetition."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from ebmbench.evaluation.metrics.data_z import log_z_data, mse_log_density_data_z
from ebmbench.evaluation.metrics.density_grid import DensityGrid, density_grid

EPS = torch.finfo(torch.float32).eps


def normal(x, mean=0.0, sd=1.0):
    return -0.5 * ((x - mean) / sd) ** 2 - math.log(sd) - 0.5 * math.log(2 * math.pi)


def draws(n, seed=0):
    return torch.randn(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_a_model_that_is_the_data_up_to_log_z_has_no_error():
    log_p = normal(draws(50))
    found = mse_log_density_data_z(log_p + 3.7, log_p)
    assert found.value < 1e-28 and found.n == 50
    assert log_z_data(log_p + 3.7, log_p)[:2] == pytest.approx((3.7, 0.0), abs=1e-14)


def test_on_the_datas_quantiles_it_is_the_closed_form():
    """log q - log p is quadratic in x ~ N(0, 1): mean -KL(p || q), variance as its moments say."""
    x = torch.from_numpy(stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000))
    mean, sd = 0.5, 0.8
    kl = math.log(sd) + (1 + mean**2) / (2 * sd**2) - 0.5
    variance = 2 * (0.5 / sd**2 - 0.5) ** 2 + mean**2 / sd**4
    found = mse_log_density_data_z(normal(x, mean, sd) - 2.0, normal(x))
    assert found.value == pytest.approx(kl**2 + variance, abs=1e-3)
    assert log_z_data(normal(x, mean, sd) - 2.0, normal(x)).value == pytest.approx(-2.0, abs=1e-4)
    assert found.value != pytest.approx(variance, abs=0.05)  # as if log Z were the mean of the differences


def test_mass_away_from_the_rows_is_not_seen_by_the_value_or_by_its_error():
    """q = .2 p + .8 (a far blob): the exact error is (log .2)^2."""
    axis = -8 + 16 / 240 * (torch.arange(240, dtype=torch.float64) + 0.5)
    grid, rows = torch.cartesian_prod(axis, axis), draws(10_000).reshape(-1, 2)

    def log_p(x):
        return normal(x).sum(1)

    def log_q(x):
        return torch.logaddexp(math.log(0.2) + log_p(x), math.log(0.8) + normal(x, 5.0, 0.3).sum(1))

    exact = density_grid(DensityGrid(log_p(grid), (16 / 240) ** 2), log_q(grid))
    assert exact["mse_log_density"].value == pytest.approx(math.log(0.2) ** 2, abs=1e-6)
    assert exact["tv"].value == pytest.approx(0.8, abs=1e-6)
    blind = mse_log_density_data_z(log_q(rows) + 1.5, log_p(rows))
    assert blind.value < blind.stderr < 1e-9
    assert log_z_data(log_q(rows) + 1.5, log_p(rows))[:2] == pytest.approx((1.5 + math.log(0.2), 0), abs=1e-8)


def test_the_standard_error_is_the_jackknifes():
    x = draws(300, seed=1)
    log_density, log_p = normal(x, 1.0), normal(x)
    index = torch.arange(300)
    left_out = [mse_log_density_data_z(log_density[index != i], log_p[index != i]).value for i in range(300)]
    jackknife = math.sqrt(299) * np.std(left_out)
    found = mse_log_density_data_z(log_density, log_p)
    assert found.stderr == pytest.approx(jackknife, rel=0.02)
    assert not_knowing_of_log_z(log_density, log_p) != pytest.approx(jackknife, rel=0.1)


def not_knowing_of_log_z(log_density, log_p):
    """The wrong error: that of a mean of squares, as if log Z were not from the same rows."""
    squares = (log_density - log_p - log_z_data(log_density, log_p).value).square()
    return float(squares.std()) / math.sqrt(len(squares))


def test_standard_errors_have_the_size_of_the_spread():
    """N(1, 1) for N(0, 1): log q - log p = x - 1/2 has mean square 5/4."""
    found, wrong, of_log_z = [], [], []
    for seed in range(600):
        x = draws(500, seed)
        log_density, log_p = normal(x, 1.0) + 2, normal(x)
        estimate, log_z = mse_log_density_data_z(log_density, log_p), log_z_data(log_density, log_p)
        found.append((estimate.value - 1.25) / estimate.stderr)
        wrong.append((estimate.value - 1.25) / not_knowing_of_log_z(log_density, log_p))
        of_log_z.append((log_z.value - 2) / log_z.stderr)
    assert 0.9 < np.std(found) < 1.1 and abs(np.mean(found)) < 0.2
    assert 0.9 < np.std(of_log_z) < 1.1 and abs(np.mean(of_log_z)) < 0.2
    assert not 0.9 < np.std(wrong) < 1.1


def test_the_truth_in_single_precision_is_at_distance_zero_within_the_error():
    x = draws(400)
    stored = mse_log_density_data_z(normal(x).float(), normal(x))
    assert 0 < stored.value < stored.stderr < 1e-12
    bent = mse_log_density_data_z((normal(x) + 1e-3 * x.sin()).float(), normal(x))
    assert bent.value > 10 * bent.stderr


def test_what_storage_in_single_precision_changes_is_in_the_error():
    x = draws(400)
    log_density = normal(x, 1.0) + 1e3
    exact, stored = (mse_log_density_data_z(values, normal(x)) for values in (log_density, log_density.float()))
    rounding = stored.stderr - mse_log_density_data_z(normal(x, 1.0), normal(x)).stderr
    assert 1e-7 < abs(stored.value - exact.value) < rounding < 1e-3


def test_a_row_without_density_is_no_number():
    x = draws(10)
    log_density = normal(x)
    log_density[3] = -math.inf
    assert mse_log_density_data_z(log_density, normal(x)).value == math.inf
    assert math.isnan(mse_log_density_data_z(normal(x), log_density).value)
