"""Distances on the grid against closed forms of normal densities."""

import math

import pytest
import torch
from scipy import stats

from ebmbench.evaluation.metrics import density_grid as module
from ebmbench.evaluation.metrics.density_grid import SUPPORT_MASS, DensityGrid, density_grid, log_mass

BOX = 8.0
SHIFT = torch.tensor([0.6, -0.8], dtype=torch.float64)  # length 1


def midpoints(n, box=BOX):
    axis = -box + 2 * box / n * (torch.arange(n, dtype=torch.float64) + 0.5)
    return torch.cartesian_prod(axis, axis)


def normal(x, mean, sd):
    return -0.5 * ((x - mean) / sd).square().sum(1) - math.log(2 * math.pi * sd**2)


def compared(n=240, shift=SHIFT, sd=1.5, **log_z):
    x = midpoints(n)
    grid = DensityGrid(normal(x, torch.zeros(2), 1.0), (2 * BOX / n) ** 2)
    return density_grid(grid, normal(x, shift, sd), **log_z)


def test_kl_and_mse_are_the_closed_forms():
    """log p - log q = A - a|x|^2 - b'x is quadratic in x ~ N(0, I), so both are its moments."""
    found = compared()
    kl = math.log(1.5**2) + (2 + 1) / (2 * 1.5**2) - 1
    variance = 2 * 2 * (0.5 * (1 - 1 / 1.5**2)) ** 2 + 1 / 1.5**4
    assert found["kl"].value == pytest.approx(kl, abs=1e-9)
    assert found["mse_log_density"].value == pytest.approx(kl**2 + variance, abs=1e-9)
    reverse = -math.log(1.5**2) + (2 * 1.5**2 + 1) / 2 - 1
    assert found["kl"].value != pytest.approx(reverse, abs=0.1)
    assert found["kl"].n == 240**2


def test_tv_is_the_closed_form():
    found = compared(n=480, sd=1.0)["tv"]
    exact = 2 * stats.norm.cdf(0.5) - 1
    assert abs(found.value - exact) < max(3 * found.stderr, 1e-6)
    assert abs(2 * found.value - exact) > 100 * found.stderr  # the L1 distance without the half


def test_off_support_mass_is_that_outside_the_disc_of_four_standard_deviations():
    found = compared(n=480)["off_support_mass"]
    exact = stats.ncx2.sf(16 / 1.5**2, 2, 1 / 1.5**2)
    assert abs(found.value - exact) < 3 * found.stderr
    of_three = stats.ncx2.sf(9 / 1.5**2, 2, 1 / 1.5**2)
    assert abs(found.value - of_three) > 30 * found.stderr


def test_the_support_of_separated_modes_is_their_discs_of_four_standard_deviations():
    """A model of which a known part lies between 4 and 4.5 standard deviations around each mode."""
    n, sd = 400, 0.4
    x, h = midpoints(n), 2 * BOX / n
    centres = torch.cartesian_prod(*[torch.tensor([-4.0, 0.0, 4.0], dtype=torch.float64)] * 2)
    log_p = torch.stack([normal(x, centre, sd) for centre in centres]).logsumexp(0) - math.log(9)
    radius = torch.cdist(x, centres).amin(1) / sd
    model = torch.where((radius < 4 - h / sd) | ((radius > 4 + h / sd) & (radius < 4.5)), 0.0, -math.inf)
    ring = (radius > 4) & (model == 0)
    found = density_grid(DensityGrid(log_p, h**2), model.double(), log_z=math.log(model.exp().sum() * h**2))
    assert 0.1 < float(ring.sum() / (model == 0).sum()) == pytest.approx(found["off_support_mass"].value)


def test_the_truth_has_as_much_mass_off_its_support_where_its_density_is_constant():
    log_p = torch.full((36,), -math.inf, dtype=torch.float64)
    log_p[:8] = -math.log(8)
    found = density_grid(DensityGrid(log_p, 1.0), log_p)
    assert [found[name].value for name in ("kl", "tv", "mse_log_density")] == [0, 0, 0]
    assert found["off_support_mass"].value == pytest.approx(math.exp(-8))
    log_p[8] = -math.log(16)  # half as dense, so the first to be left out, in part
    edge = density_grid(DensityGrid(log_p, 1.0), torch.where(log_p == log_p[8], 0.0, -math.inf))
    assert edge["off_support_mass"].value == pytest.approx(17 * math.exp(-8))


def test_stderr_bounds_the_error_on_a_coarse_grid_and_vanishes_on_a_fine_one():
    kl = math.log(1.5**2) + (2 + 1) / (2 * 1.5**2) - 1
    coarse, fine = compared(n=12)["kl"], compared(n=96)["kl"]
    assert 1e-4 < abs(coarse.value - kl) < coarse.stderr
    assert abs(fine.value - kl) < fine.stderr < 1e-6


def test_stderr_sees_the_error_of_densities_that_are_symmetric_about_the_centre(monkeypatch):
    exact = math.exp(-0.5 * (r2 := 4 * math.log(1.5) / (1 - 1 / 1.5**2)) / 1.5**2) - math.exp(-0.5 * r2)
    found = compared(n=60, shift=torch.zeros(2), sd=1.5)["tv"]
    assert 1e-5 < abs(found.value - exact) < 3 * found.stderr
    monkeypatch.setattr(module, "THINNING", 2)
    blind = compared(n=60, shift=torch.zeros(2), sd=1.5)["tv"]
    assert abs(blind.value - exact) > 3 * blind.stderr


def test_the_true_density_in_single_precision_is_at_distance_zero_within_the_error():
    x = midpoints(240)
    log_p = normal(x, torch.zeros(2), 1.0)
    grid = DensityGrid(log_p, (2 * BOX / 240) ** 2)
    stored = density_grid(grid, log_p.float())["kl"]
    assert abs(stored.value) < stored.stderr < 1e-5
    shifted = density_grid(grid, (log_p - 1e-4).float())["kl"]
    assert abs(shifted.value) > 10 * shifted.stderr


def test_the_error_of_log_z_is_in_every_error():
    sharp, vague = compared(log_z=0.3), compared(log_z=0.3, log_z_stderr=0.01)
    assert vague["kl"].stderr == pytest.approx(0.01, rel=1e-3)
    for name in ("tv", "mse_log_density", "off_support_mass"):
        assert vague[name].stderr > sharp[name].stderr + 1e-4
        assert vague[name].value == sharp[name].value


def test_log_z_is_taken_off():
    raised = compared(log_z=0.3)["kl"].value
    assert raised - compared()["kl"].value == pytest.approx(0.3, abs=1e-6)


def test_model_mass_outside_the_grid_counts():
    x = midpoints(240)
    log_p = normal(x, torch.zeros(2), 1.0)
    found = density_grid(DensityGrid(log_p, (2 * BOX / 240) ** 2), log_p + math.log(0.5))
    assert found["tv"].value == pytest.approx(0.5, abs=1e-6)  # half the sum of |p - q| would say .25
    assert found["off_support_mass"].value == pytest.approx(1 - 0.5 * SUPPORT_MASS, abs=1e-4)


def test_a_model_without_mass_where_the_data_has_some_is_infinitely_far_in_kl_only():
    log_p = torch.full((16,), -math.log(16), dtype=torch.float64)
    log_q = log_p.clone()
    log_q[3] = -math.inf
    found = density_grid(DensityGrid(log_p, 1.0), log_q)
    assert found["kl"].value == found["mse_log_density"].value == math.inf
    assert found["tv"].value == pytest.approx(1 / 16)


def test_nan_is_not_hidden():
    log_p = torch.full((16,), -math.log(16), dtype=torch.float64)
    log_q = log_p.clone()
    log_q[3] = math.nan
    assert all(math.isnan(estimate.value) for estimate in density_grid(DensityGrid(log_p, 1.0), log_q).values())


def test_mode_weights_are_compared():
    x = midpoints(240)
    centres = torch.tensor([[-4.0, 0.0], [4.0, 0.0], [0.0, 5.0]], dtype=torch.float64)
    component = torch.cdist(x, centres).argmin(1)

    def mixture(*weights):
        parts = [normal(x, c, 0.4) + math.log(w) for c, w in zip(centres, weights, strict=True)]
        return torch.stack(parts).logsumexp(0)

    grid = DensityGrid(mixture(0.2, 0.3, 0.5), (2 * BOX / 240) ** 2, component)
    even = density_grid(grid, mixture(1 / 3, 1 / 3, 1 / 3))["mode_weight_error"]
    assert even.value == pytest.approx(0.5 - 1 / 3, abs=1e-9)
    halved = density_grid(grid, mixture(0.2, 0.3, 0.5), log_z=math.log(2))
    assert halved["mode_weight_error"].value == pytest.approx(0, abs=1e-9)  # a share of the mass on the grid
    assert "mode_weight_error" not in density_grid(grid._replace(component=None), mixture(0.2, 0.3, 0.5))


@pytest.mark.parametrize(("n", "sd"), [(240, 1.5), (240, 6.0), (24, 0.8)])
def test_the_mass_on_the_square_is_the_closed_form_within_its_error(n, sd):
    found = log_mass(normal(midpoints(n), torch.zeros(2), sd) + 2.0, (2 * BOX / n) ** 2)
    exact = 2 * math.log(math.erf(BOX / sd / math.sqrt(2))) + 2
    assert abs(found.value - exact) < 3 * found.stderr < 0.1
