"""The distribution along a closed curve against quadrature and its own draws, and the curve against its points."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from ebmbench.data.closed_curve import ClosedCurve
from ebmbench.data.manifold import TURN
from ebmbench.data.streams import stream
from ebmbench.evaluation.metrics.manifold import RESOLUTION, Curve, nearest


def density(a):
    """The mixture by hand, per radian; Bessel's I_0(k) as the integral of exp(k cos)."""

    def von_mises(mean, k):
        return math.exp(k * math.cos(a - mean)) / integrate.quad(lambda t: math.exp(k * math.cos(t)), 0, TURN)[0]

    return 0.5 * von_mises(2.0, 4.0) + 0.3 * von_mises(4.4, 8.0) + 0.2 / TURN


def angles(n):
    return TURN * torch.rand(n, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_the_density_is_the_mixture_and_the_masses_are_its_integrals():
    a = angles(8)
    np.testing.assert_allclose(ClosedCurve().angle_density(a), [density(float(x)) for x in a], rtol=1e-10)
    exact = [integrate.quad(density, k * TURN / 12, (k + 1) * TURN / 12, epsabs=1e-12)[0] for k in range(12)]
    mass = ClosedCurve().cells(12).mass.numpy()
    np.testing.assert_allclose(mass, exact, atol=1e-10)
    assert mass.sum() == pytest.approx(1, abs=1e-12)
    # cells that begin half a step late, the points' own midpoints, hold other masses
    late = [integrate.quad(density, (k + 0.5) * TURN / 12, (k + 1.5) * TURN / 12)[0] for k in range(12)]
    assert np.abs(mass - late).max() > 0.01


def test_the_distribution_is_not_uniform_and_nowhere_small():
    p = ClosedCurve().angle_density(torch.linspace(0, TURN, 1000, dtype=torch.float64)) * TURN
    assert 0.19 < float(p.min()) < 0.5 and float(p.max()) > 2


def test_another_turn_of_the_angle_is_a_mass_of_one_and_the_same_point():
    data, a = ClosedCurve(dim=7), angles(5)
    assert torch.allclose(data.cumulative(a + TURN), data.cumulative(a) + 1, atol=1e-12)
    assert torch.allclose(data.embed(a + TURN), data.embed(a), atol=1e-12)


def test_quantiles_undo_the_distribution_function():
    data = ClosedCurve()
    u = torch.cat([torch.tensor([0.0, 1e-9, 1 - 1e-9, 1.0]), angles(1000) / TURN]).double()
    assert float((data.cumulative(data.quantile(u)) - u).abs().max()) < 1e-13
    table = torch.linspace(0, TURN, 3601, dtype=torch.float64)
    rough = torch.from_numpy(np.interp(u.numpy(), data.cumulative(table).numpy(), table.numpy()))
    assert float((data.cumulative(rough) - u).abs().max()) > 1e-8  # the table alone


def test_draws_have_the_distribution():
    data = ClosedCurve()
    x = data.sample(50_000, stream(data, "test")).double().numpy()
    a = np.arctan2(x[:, 1], x[:, 0]) % TURN
    np.testing.assert_allclose(np.hypot(*x.T), 2 * (1 + 0.3 * np.cos(3 * a)), atol=1e-5)
    counts, _ = np.histogram(a, bins=60, range=(0, TURN))
    mass = data.cells(60).mass.numpy()
    assert stats.chisquare(counts, len(x) * mass).pvalue > 1e-3
    # a density per length of the curve would make other counts
    per_length = mass * np.hypot(np.gradient(data.cells(60).points[:, 0]), np.gradient(data.cells(60).points[:, 1]))
    assert stats.chisquare(counts, len(x) * per_length / per_length.sum()).pvalue < 1e-9


def test_further_coordinates_are_circles_run_through_more_often():
    a = angles(6)
    x = ClosedCurve(dim=10).embed(a)
    assert x.shape == (6, 10)
    for k in range(2, 6):
        expected = 2 / k * torch.stack([(k * a).cos(), (k * a).sin()], dim=-1)
        assert torch.allclose(x[:, 2 * k - 2 : 2 * k], expected, atol=1e-12)
    assert torch.equal(ClosedCurve(dim=3).embed(a), x[:, :3]) and torch.equal(ClosedCurve().embed(a), x[:, :2])


@pytest.mark.parametrize("dim", [2, 10])
def test_the_polygon_of_the_cells_is_the_curve_to_the_resolution_of_distances(dim):
    data = ClosedCurve(dim=dim)
    # the curve at the points, between them, and where it is farthest from the polygon
    between = data.embed(torch.linspace(0, TURN, 2 * 3600 + 1, dtype=torch.float64))
    assert float(nearest(Curve(*data.cells()), between).distance.max()) < RESOLUTION
    assert float(nearest(Curve(*data.cells(360)), between).distance.max()) > 10 * RESOLUTION  # ten times fewer


@pytest.mark.parametrize("settings", [{"dim": 1}, {"train": 0}, {"test": -1}])
def test_impossible_settings_are_refused(settings):
    with pytest.raises(ValueError, match=r"dim = 1; allowed: 2 or more|allowed: 1 or more"):
        ClosedCurve(**settings)
