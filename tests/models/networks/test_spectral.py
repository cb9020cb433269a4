"""Linear maps of norm at most 1, exactly, also after an update and in a copy."""

import copy

import pytest
import torch
from torch import nn

from ebmbench.models.families.ebm import EBM
from ebmbench.models.networks.mlp import MLP
from ebmbench.models.networks.spectral import spectrally_normalised
from ebmbench.models.statistics.none import NoStatistic
from tests.helpers.targets import generator, training_data


def network(size=3.0):
    made = MLP(2, 16, 2, generator(1))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(size)
    return made


def norms(made):
    return [float(torch.linalg.svdvals(layer.weight)[0]) for layer in made.modules() if isinstance(layer, nn.Linear)]


def steepest(made):
    x = 3 * torch.randn(2000, 2, generator=generator(2))
    x.requires_grad_()
    (slope,) = torch.autograd.grad(made(x).sum(), x)
    return float(slope.norm(dim=1).max())


def test_maps_that_are_too_large_have_norm_one_and_the_slope_is_bounded():
    plain = network()
    assert max(norms(plain)) > 2 and steepest(plain) > 1.1**2
    held = spectrally_normalised(network())
    assert norms(held) == pytest.approx([1.0] * 3, abs=1e-5)
    assert steepest(held) <= 1.1**2


def test_small_maps_are_left_alone():
    x = torch.randn(10, 2, generator=generator(3))
    assert torch.equal(spectrally_normalised(network(0.1))(x), network(0.1)(x))


def test_it_holds_after_an_update_and_for_a_copy_with_other_weights():
    held = spectrally_normalised(network())
    average = copy.deepcopy(held)
    optimiser = torch.optim.Adam(held.parameters(), 0.5)
    for _ in range(3):
        optimiser.zero_grad()
        held(torch.ones(4, 2)).sum().backward()
        optimiser.step()
    with torch.no_grad():
        for mine, theirs in zip(average.parameters(), held.parameters(), strict=True):
            mine.lerp_(theirs, 0.5)
    assert max(norms(held)) <= 1 + 1e-5 and max(norms(average)) <= 1 + 1e-5


def test_a_family_is_saved_and_loaded_with_it():
    data = training_data(torch.randn(50, 2, generator=generator(4)))
    made, again = (EBM(width=16, depth=2, spectral=True).build(data, NoStatistic(), generator(s)) for s in (5, 6))
    x = torch.randn(10, 2, generator=generator(7))
    assert not torch.equal(made.log_density(x), again.log_density(x))
    again.load_state_dict(made.state_dict())
    assert torch.equal(made.log_density(x), again.log_density(x))


def test_filters_are_held_as_a_matrix_with_a_row_an_output_channel():
    filters = nn.Conv2d(2, 3, 3).double()
    with torch.no_grad():
        filters.weight.mul_(20)
    before = filters.weight.detach().clone()
    spectrally_normalised(nn.Sequential(filters))
    largest = torch.linalg.svdvals(before.reshape(3, 18))[0]
    torch.testing.assert_close(filters.weight.detach(), before / largest)
    assert float(largest) > 1
