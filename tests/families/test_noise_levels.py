"""The noise-conditional family: its levels, and the density at the smallest of them."""

import math

import pytest
import torch
from targets import generator, training_data

from ebmbench.families.ebm_noise import NoiseConditionalEBM
from ebmbench.families.model import NoiseConditional
from ebmbench.families.tilted import Tilted
from ebmbench.grid import midpoints
from ebmbench.likelihoods.quadrature import Core, over_two_boxes, reach_of
from ebmbench.statistics.moments import Moments
from ebmbench.statistics.none import NoStatistic


def rows(n, dim=2):
    return torch.randn(n, dim, generator=generator(1), dtype=torch.float64)


def built(statistic=None, **settings):
    family = NoiseConditionalEBM(**{"width": 8, "depth": 2} | settings)
    model = family.build(training_data(rows(200)), statistic or NoStatistic(), generator(2)).double()
    with torch.no_grad():
        model.eta.copy_(0.2 * torch.randn(len(model.eta), generator=generator(4)))
    return model


def test_levels_are_geometric_from_the_largest_to_the_smallest():
    sigmas = built(sigma_max=4.0, sigma_min=0.5, levels=4).sigmas
    assert sigmas.tolist() == pytest.approx([4, 2, 1, 0.5], rel=1e-6)
    assert built(sigma_max=4.0, sigma_min=0.5, levels=1).sigmas.tolist() == [0.5]
    arithmetic = torch.linspace(4, 0.5, 4, dtype=torch.float64)
    assert not torch.allclose(sigmas, arithmetic, rtol=0.1)


@pytest.mark.parametrize("statistic", [NoStatistic(), Moments()], ids=["none", "moments"])
def test_the_density_is_that_at_the_smallest_level(statistic):
    model, x = built(statistic), rows(20)
    assert isinstance(model, Tilted) and isinstance(model, NoiseConditional)
    at = [model.energy_at(x, sigma.expand(20)) for sigma in model.sigmas]
    assert torch.equal(model.energy(x), at[-1])
    assert all(not torch.allclose(other, at[-1], atol=1e-3) for other in at[:-1])
    network = model.network(x, torch.full((20,), float(model.sigmas[-1]), dtype=torch.float64))
    tilt = ((model.statistic.value(x) - model.centre) / model.scale) @ model.eta
    assert torch.allclose(model.log_density(x), model.base.log_density(x) - network + tilt, atol=1e-12)


def test_rows_of_a_batch_have_levels_of_their_own():
    model, x = built(), rows(3)
    sigma = torch.tensor([3.0, 0.5, 0.1], dtype=torch.float64)
    together = model.energy_at(x, sigma)
    alone = torch.cat([model.energy_at(x[k : k + 1], sigma[k : k + 1]) for k in range(3)])
    assert torch.allclose(together, alone, atol=1e-12)
    assert not torch.allclose(together, model.energy_at(x, sigma.flip(0)), atol=1e-3)


def test_the_networks_level_runs_from_minus_one_to_one_along_the_logarithm():
    seen = []
    model = built(sigma_max=4.0, sigma_min=1.0, levels=3)
    model.network.energy.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0][:, 2]))
    model.energy_at(rows(3), model.sigmas)
    assert seen[0].tolist() == pytest.approx([1, 0, -1], abs=1e-6)


def test_quadrature_normalises_the_smallest_level():
    model = built().requires_grad_(False)
    found = over_two_boxes(model, Core(6.0, 180), reach_of(model.base), 50, generator(3)).log_z
    assert found.status == "ok"
    points, area = midpoints(10.0, 400).double(), (20 / 400) ** 2
    totals = [float((-model.energy_at(points, s.expand(len(points)))).exp().sum() * area) for s in model.sigmas]
    assert found.value == pytest.approx(math.log(totals[-1]), abs=1e-3)
    assert abs(math.log(totals[0]) - found.value) > 0.01


@pytest.mark.parametrize("settings", [{"sigma_min": 3.0}, {"sigma_min": 0.0}, {"levels": 0}, {"base_scale": 0.0}])
def test_impossible_settings_are_refused(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        NoiseConditionalEBM(**settings)
