"""The noise-conditional family: its levels, and the density at the smallest of them."""

import math

import pytest
import torch

from ebmbench.core.midpoints import midpoints
from ebmbench.inference.likelihoods.quadrature import Core, over_two_boxes, reach_of
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.families.ebm_noise import NoiseConditionalEBM
from ebmbench.models.interface import NoiseConditional
from ebmbench.models.statistics.moments import Moments
from ebmbench.models.statistics.none import NoStatistic
from tests.helpers.targets import generator, training_data


def rows(n, dim=2):
    return torch.randn(n, dim, generator=generator(1), dtype=torch.float64)


def built(statistic=None, **settings):
    family = NoiseConditionalEBM(**{"width": 8, "depth": 2} | settings)
    model = family.build(training_data(rows(200)), statistic or NoStatistic(), generator(2)).double()
    with torch.no_grad():
        stream = generator(4)
        for eta in model.natural_parameters():
            eta.copy_(0.2 * torch.randn(eta.shape, generator=stream))
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
    assert torch.allclose(model.energy(x), at[-1], rtol=0, atol=1e-12)
    assert all(not torch.allclose(other, at[-1], atol=1e-3) for other in at[:-1])
    network = model.network(x, torch.full((20,), float(model.sigmas[-1]), dtype=torch.float64))
    tilt = ((model.statistic.value(x) - model.centre) / model.scale) @ model.eta
    assert torch.allclose(model.log_density(x), model.base.log_density(x) - network + tilt, atol=1e-12)


def slopes(model, x, sigma):
    """dU(x, sigma)/deta of every level, ``(L, K)``."""
    energy = model.energy_at(x, sigma.expand(len(x))).sum()
    above, smallest = torch.autograd.grad(energy, model.natural_parameters())
    return torch.cat([above, smallest[None]])


def test_each_level_has_natural_parameters_of_its_own():
    model, x = built(Moments(), levels=4), rows(20)
    statistics = ((model.statistic.value(x) - model.centre) / model.scale).sum(0)
    for level, sigma in enumerate(model.sigmas):
        expected = torch.zeros(4, 5, dtype=torch.float64)
        expected[level] = -statistics
        assert torch.allclose(slopes(model, x, sigma), expected, rtol=0, atol=1e-5)
        # one eta for all levels would have each of them move the density
        assert level == 3 or not expected[3].any()


def test_the_density_knows_the_natural_parameters_of_the_smallest_level_alone():
    model, x = built(Moments(), levels=4), rows(20)
    before = [model.energy(x), *(model.energy_at(x, sigma.expand(20)) for sigma in model.sigmas)]
    with torch.no_grad():
        model.eta_above += 1.0
    after = [model.energy(x), *(model.energy_at(x, sigma.expand(20)) for sigma in model.sigmas)]
    assert [torch.equal(a, b) for a, b in zip(before, after, strict=True)] == [True, False, False, False, True]
    with torch.no_grad():
        model.eta.fill_(50.0)
    above = model.eta_above.detach().clone()
    model.project()
    # and they alone are held back where the density could not be normalised
    assert float(model.eta.detach().max()) < 50 and torch.equal(model.eta_above, above)


def test_between_levels_natural_parameters_are_linear_in_the_logarithm():
    model, x = built(Moments(), sigma_max=4.0, sigma_min=1.0, levels=3), rows(20)
    at = {s: slopes(model, x, torch.tensor(s, dtype=torch.float64)) for s in (4.0, 2.0, math.sqrt(8.0), 3.0, 1.0)}
    half = (at[4.0] + at[2.0]) / 2
    assert torch.allclose(at[math.sqrt(8.0)], half, rtol=0, atol=1e-5)
    assert not torch.allclose(at[3.0], half, rtol=0, atol=1e-2)


@pytest.mark.parametrize("s", [4.0, 3.1, 2.0, 1.2, 1.0])
def test_the_energy_has_the_slope_below_in_the_level(s):
    model, x = built(Moments(), sigma_max=4.0, sigma_min=1.0, levels=3), rows(5)

    def energy(log_sigma):
        return model.energy_at(x, log_sigma.exp().expand(5)).sum()

    log_sigma = torch.tensor(math.log(s), dtype=torch.float64, requires_grad=True)
    slope = float(torch.autograd.grad(energy(log_sigma), log_sigma)[0])

    def quotient(h):
        """Of second order in h, from one side."""
        here, one, two = (float(energy(log_sigma - k * h).detach()) for k in range(3))
        return (3 * here - 4 * one + two) / (2 * h)

    assert slope == pytest.approx(quotient(1e-4), abs=1e-4)
    # above a level it is another one
    assert s != 2.0 or abs(slope - quotient(-1e-4)) > 0.1


def test_one_level_alone_has_one_eta():
    model, x = built(Moments(), levels=1), rows(20)
    assert model.eta_above.shape == (0, 5)
    sigma = model.sigmas.expand(20)
    assert torch.allclose(model.energy_at(x, sigma), model.energy(x), rtol=0, atol=1e-12)


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
