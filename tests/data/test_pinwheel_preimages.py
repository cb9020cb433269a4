"""The pinwheel's change of variables: all preimages, and nothing else."""

import math

import numpy as np
import torch

from ebmbench.core.seeds import generator
from ebmbench.data import preimages
from ebmbench.data.pinwheel import Pinwheel

STEP = 2 * math.pi / 5


def polar(radius, count):
    angle = 2 * math.pi * torch.rand(count, dtype=torch.float64, generator=generator("polar")) - math.pi
    return torch.full_like(angle, radius), angle


def test_preimages_lead_back_to_the_point():
    for radius in (0.01, 0.7, 1.5, 2.5, 4.0):
        r, angle = polar(radius, 200)
        found = preimages.of(r, angle, STEP)
        turned = torch.atan2(found.f2, found.f1) - preimages.twist(found.f1) - angle[found.row]
        steps = turned / STEP
        np.testing.assert_allclose(torch.hypot(found.f1, found.f2), radius, rtol=1e-12)
        np.testing.assert_allclose(steps, steps.round(), atol=1e-9)


def test_no_preimage_is_missed():
    """Levels crossed between neighbours of a fine mesh of the circle, counted without any calculus."""
    mesh = torch.linspace(-math.pi, math.pi, 400_001, dtype=torch.float64)
    for radius in (0.3, 1.3, 1.45, 2.0, 3.0):
        r, angle = polar(radius, 20)
        found = torch.bincount(preimages.of(r, angle, STEP).row, minlength=20)
        h = mesh - preimages.twist(radius * mesh.cos())
        levels = ((h[None] - angle[:, None]) / STEP).floor()
        assert torch.equal(found, levels.diff().abs().sum(-1).long())
    # beyond the fold there are more than one for each of the five arms
    assert found.min() > 5


def test_density_at_draws_is_the_features_over_the_jacobian():
    """Where other preimages carry no weight, p(x) = p(f) / (5 * 4 |1 + f_2 exp(f_1) / 4|) for x made from f."""
    z = torch.randn(2000, 2, dtype=torch.float64, generator=generator("features"))
    f = torch.stack([1 + 0.3 * z[:, 0], 0.1 * z[:, 1]], dim=-1).requires_grad_()

    def made(features):
        angle = features[:, 0].exp() / 4
        c, s = angle.cos(), angle.sin()
        return 2 * torch.stack([c * features[:, 0] + s * features[:, 1], c * features[:, 1] - s * features[:, 0]])

    rows = [torch.autograd.grad(coordinate.sum(), f, retain_graph=True)[0] for coordinate in made(f)]
    jacobian = torch.linalg.det(torch.stack(rows, dim=1)).abs()
    log_f = -z.square().sum(-1) / 2 - math.log(2 * math.pi * 0.3 * 0.1)
    single = log_f - jacobian.log() - math.log(5)
    log_p = Pinwheel().log_prob(made(f).detach().T)
    excess = log_p - single
    assert excess.min() > -1e-10
    assert excess.median() < 1e-9
    # without the twist's share of the Jacobian (which is 4 then) the two do not agree
    assert (log_p - (log_f - math.log(4) - math.log(5))).abs().median() > 1e-3


def test_mean_over_the_angle_joins_the_exact_density():
    """Just within and beyond |x| = 10 the mean of p over the angle is the same, to the radial fall of p."""
    toy = Pinwheel()
    _, angle = polar(1.0, 20_000)
    unit = torch.stack([angle.cos(), angle.sin()], dim=-1)
    within = toy.log_prob(9.9999 * unit).exp().mean().log()
    beyond = toy.log_prob(10.0001 * unit[:1])[0]
    # d log p / d|x| is about -(|x| / 2 - 1) / (2 * 0.3²), -22 at |x| = 10; the rest is Monte-Carlo error
    assert abs(within - beyond) < 0.3
    assert abs(beyond) > 80


def test_every_point_has_a_value():
    x = torch.tensor([[0.0, 0.0], [30.0, 0.0], [1e6, 1.0], [math.nan, 0.0]])
    log_p = Pinwheel().log_prob(x)
    assert log_p[:3].isfinite().all()
    assert log_p[0] > log_p[1] > log_p[2]
    assert log_p[3].isnan()
