"""Distance to a circle and the distribution along it: closed forms, errors over draws, bias of finite samples."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from ebmbench.evaluation.metrics.manifold import ARCS, DISTANCE, NAMES, TV, Curve, manifold, nearest, shares, tv_floor

TURN = 2 * math.pi
K, RADIUS = 3600, 2.0


def circle(angle: Tensor) -> Tensor:
    return RADIUS * torch.stack([angle.cos(), angle.sin()], dim=-1)


def middles(count=K):
    return TURN * (torch.arange(count, dtype=torch.float64) + 0.5) / count


def curve(height=0.0, count=K):
    """The distribution of density (1 + height cos a) / 2 pi, with exact masses of the cells."""
    edges = TURN * torch.arange(count + 1, dtype=torch.float64) / count
    return Curve(circle(middles(count)), ((edges + height * edges.sin()) / TURN).diff())


def uniform(n, seed):
    return circle(TURN * torch.rand(n, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)))


def tilted(n, seed, height):
    """Draws of (1 + height cos a) / 2 pi by rejection."""
    stream = torch.Generator().manual_seed(seed)
    a = TURN * torch.rand(4 * n, dtype=torch.float64, generator=stream)
    kept = torch.rand(4 * n, dtype=torch.float64, generator=stream) * (1 + height) < 1 + height * a.cos()
    return circle(a[kept][:n])


def test_draws_on_the_curve_have_no_distance():
    x = uniform(2000, 1)
    sagitta = RADIUS * (1 - math.cos(math.pi / K))
    assert 0 < float(nearest(curve(), x).distance.max()) <= sagitta * (1 + 1e-6) < 1e-6
    to_points = torch.cdist(x, curve().points).min(1).values
    assert float(to_points.mean()) > 100 * sagitta  # without the segments between the points


@pytest.mark.parametrize("shift", [-0.7, 0.3, 5.0])
def test_a_shift_along_the_normal_is_the_distance_and_moves_nothing_along_the_curve(shift):
    x = uniform(2000, 2)
    moved = x * (1 + shift / RADIUS)
    found = manifold(curve(), moved, 2000, 2000)
    assert found[DISTANCE].value == pytest.approx(abs(shift), abs=1e-6)
    assert found[DISTANCE].value != pytest.approx(shift**2, rel=0.1)
    assert found[TV].value == pytest.approx(manifold(curve(), x, 2000, 2000)[TV].value, abs=1e-12)
    assert not torch.equal(nearest(curve(), -moved).cell, nearest(curve(), moved).cell)


def test_the_distance_has_the_standard_error_of_a_mean_of_n_eff():
    shift = torch.linspace(0, 1, 1001, dtype=torch.float64)
    x = uniform(1001, 3)
    found = manifold(curve(), x * (1 + shift[:, None] / RADIUS), 100, 100)[DISTANCE]
    assert (found.value, found.n) == (pytest.approx(0.5, abs=1e-6), 1001)
    assert found.stderr == pytest.approx(float(shift.std()) / 10, rel=1e-6)


def test_one_point_a_cell_by_its_mass_is_exact_and_a_uniform_distribution_is_off_by_a_known_amount():
    """TV of uniform draws and (1 + h cos a) / 2 pi is h / pi up to the width of the arcs."""
    arcs = ARCS // 4
    cells = torch.arange(K)
    assert float((shares(cells, K) - curve().arcs()).abs().max()) < 1e-12
    found = manifold(curve(0.8), circle(middles()), K, K)[TV].value
    edges = TURN * np.arange(ARCS + 1) / ARCS
    exact = np.abs(np.diff(0.8 * np.sin(edges) / TURN)).sum() / 2
    assert found == pytest.approx(exact, abs=1e-12)
    assert found == pytest.approx(0.8 / math.pi, rel=0.02)
    assert found != pytest.approx(2 * exact, rel=0.1)
    # coarser arcs see less, and arcs that begin elsewhere other masses
    p = curve(0.8).mass.reshape(arcs, -1).sum(1)
    assert float((p - 1 / arcs).abs().sum()) / 2 < 0.97 * exact
    assert not torch.allclose(curve(0.8).mass.roll(90).reshape(ARCS, -1).sum(1), curve(0.8).arcs(), atol=1e-3)


def test_a_gap_in_the_distribution_is_its_mass():
    """Draws from half the circle: half the mass is missing, half is too much."""
    half = circle(middles()[: K // 2])
    found = manifold(curve(), half, 100, 100)[TV]
    assert found.value == pytest.approx(0.5, abs=1e-12)
    assert found.stderr < 1e-6  # no draw can fall where there is none: this distribution's shares are one


def test_exact_draws_have_the_floor_as_their_mean():
    truth = curve(0.8, 360)
    found = np.array([manifold(truth, tilted(400, seed, 0.8), 400, 400)[TV].value for seed in range(60)])
    floor = tv_floor(truth, 400)
    error = found.std() / math.sqrt(60)
    assert abs(found.mean() - floor) < 4 * error + 0.005
    assert floor > 20 * error  # 0 is no mean of these
    assert tv_floor(truth, 1600) == pytest.approx(floor / 2)


def test_the_stderr_of_a_wrong_distribution_covers():
    truth = curve(0.8, 360)
    exact = manifold(truth, circle(middles()), K, K)[TV].value
    found = [manifold(truth, uniform(1000, seed), 1000, 1000)[TV] for seed in range(60)]
    z = np.array([(estimate.value - exact) / estimate.stderr for estimate in found])
    assert 0.75 < z.std() < 1.3
    assert not 0.75 < 2 * z.std() < 1.3  # twice the stderr of half a sum, the half forgotten
    assert 0 < z.mean() < 1  # a little above, where shares are near the masses


def test_draws_worth_less_have_a_wider_error():
    x = uniform(1000, 4)
    whole, part = (manifold(curve(0.8), x, n_eff, 1000) for n_eff in (1000, 250))
    for name in NAMES:
        assert part[name].value == whole[name].value
        assert part[name].stderr == pytest.approx(2 * whole[name].stderr)


def test_rows_are_taken_in_blocks():
    x = uniform(1300, 5) * 1.1
    found = nearest(curve(), x)
    assert torch.allclose(found.distance, torch.cat([nearest(curve(), row).distance for row in x.split(100)]))
    assert torch.equal(found.cell, torch.cdist(x, curve().points).argmin(1))
