"""Slopes and curvature by going forward are those of automatic differentiation, and so are their own gradients."""

import pytest
import torch

from ebmbench.models.networks.activations import WRITTEN_OUT
from ebmbench.models.networks.jets import through
from ebmbench.models.networks.mlp import MLP
from tests.helpers.targets import generator


def differentiated(function, x, directions, bent):
    """(slopes, curvature), by second derivatives of the whole function."""
    hessians = torch.func.vmap(torch.func.hessian(lambda row: function(row[None])[0]))(x)
    gradients = torch.func.vmap(torch.func.grad(lambda row: function(row[None])[0]))(x)
    slopes = torch.einsum("rbd,bd->rb", directions, gradients)
    along = directions[:bent]
    return slopes, torch.einsum("sbd,bde,sbe->b", along, hessians, along)


def given(activation, dim=3, count=4):
    network = MLP(dim, 9, 3, generator(1), activation).double()
    x = 2 * torch.randn(6, dim, generator=generator(2), dtype=torch.float64)
    return network, x, torch.randn(count, 6, dim, generator=generator(3), dtype=torch.float64)


def gradients(network, found):
    """In the parameters, of a function that all slopes and curvatures enter."""
    slopes, curvature = found
    total = (slopes.square().sum(0) * torch.arange(1.0, 7.0, dtype=torch.float64)).sum() + curvature.exp().mean()
    return torch.autograd.grad(total, list(network.parameters())[:-1])


@pytest.mark.parametrize("kind", WRITTEN_OUT, ids=lambda kind: kind.__name__)
def test_three_derivatives_of_each_activation(kind):
    x = torch.linspace(-6, 6, 101, dtype=torch.float64, requires_grad=True)
    values = kind()(x)
    for found in WRITTEN_OUT[kind].derivatives(x.detach()):
        values = torch.autograd.grad(values.sum(), x, create_graph=True)[0]
        torch.testing.assert_close(found, values.detach(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", WRITTEN_OUT, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("bent", [1, 2, 4])
def test_slopes_curvature_and_what_they_are_differentiated_to(kind, bent):
    network, x, directions = given(kind)
    found, expected = network.directional_derivatives(x, directions, bent), differentiated(network, x, directions, bent)
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)
    for ours, theirs in zip(gradients(network, found), gradients(network, expected), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_wrong_derivative_is_seen(place):
    network, x, directions = given(torch.nn.SiLU)
    right = WRITTEN_OUT[torch.nn.SiLU]

    def derivatives(values):
        found = list(right.derivatives(values))
        found[place] = 1.01 * found[place]
        return tuple(found)

    maps = [layer for layer in network.layers if isinstance(layer, torch.nn.Linear)]
    wrong = through(maps, right._replace(derivatives=derivatives), x, directions, 2)
    expected = differentiated(network, x, directions, 2)
    pairs = zip(gradients(network, wrong), gradients(network, expected), strict=True)
    assert not all(torch.allclose(ours, theirs, rtol=1e-4) for ours, theirs in pairs)


def test_what_does_not_count_for_the_curvature_does_not():
    network, x, directions = given(torch.nn.SiLU)
    first = network.directional_derivatives(x, directions[:2], 2).curvature
    torch.testing.assert_close(network.directional_derivatives(x, directions, 2).curvature, first)
    assert not torch.allclose(network.directional_derivatives(x, directions, 3).curvature, first, rtol=1e-3)
