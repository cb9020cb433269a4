"""Every family keeps its contract: found by listing, so a new one is tested without a new test."""

import copy

import pytest
import torch

from ebmbench.core import files, plugins
from ebmbench.core.errors import UserError
from ebmbench.models.distributions.decoder import LatentVariableModel
from ebmbench.models.distributions.generalized import Generalized, WithoutDensity
from ebmbench.models.families.ebm import EBM
from ebmbench.models.interface import Density, Sampleable
from ebmbench.models.networks.mlp import MLP
from ebmbench.models.statistics.moments import Moments
from ebmbench.models.statistics.none import NoStatistic
from tests.helpers.contract_models import FAMILIES, built, data, dimensions, rows
from tests.helpers.targets import generator

#: families whose derivatives in x are written out
WRITTEN_OUT = {"base", "ebm", "gaussian"}


def stored(model, other, folder):
    """``other`` with what ``model`` leaves in a file of ``folder``."""
    files.write_tensors(folder / "model.safetensors", model.state_dict())
    other.load_state_dict(files.read_tensors(folder / "model.safetensors"))
    return other


@pytest.mark.parametrize(("name", "dim"), [(name, dim) for name in FAMILIES for dim in dimensions(name)])
def test_family(name, dim, tmp_path):
    model, x = built(name, dim), rows(dim, 50)
    assert model.dim == dim
    if isinstance(model, Density):
        values = model.log_density(x)
        assert values.shape == (50,)
        assert torch.isfinite(values).all()
        assert torch.equal(model.energy(x), -values)
        assert torch.equal(stored(copy.deepcopy(model), built(name, dim), tmp_path).log_density(x), values)
    if isinstance(model, Sampleable):
        draws = model.sample(30, generator(3))
        assert draws.shape == (30, dim)
        assert torch.equal(draws, model.sample(30, generator(3)))
        assert not torch.equal(draws, model.sample(30, generator(4)))
    if isinstance(model, WithoutDensity):
        latents = isinstance(model, LatentVariableModel)
        weight = model.latent_log_weight(torch.randn(50, 4)) if latents else model.log_weight(x)
        assert weight.shape == (50,)
        assert model.base.sample(30, generator(3)).shape == (30, dim)
        with pytest.raises(UserError, match="no density"):
            model.energy(x)
    assert isinstance(model, Density | Sampleable | WithoutDensity)


def test_what_is_made_elsewhere_is_not_built_here():
    with pytest.raises(UserError, match="a rule must write its files"):
        plugins.load("family", "outside").build(data(2), None, generator(2))


def differentiated(function, x):
    point = x.clone().requires_grad_()
    value = function(point)
    return value.detach(), torch.autograd.grad(value.sum(), point)[0]


@pytest.mark.parametrize("name", [name for name in FAMILIES if isinstance(built(name, dimensions(name)[0]), Density)])
def test_values_and_gradients_that_are_written_out_are_those_of_autograd(name):
    """To the last bit: what rests on them does not depend on which of the two has been asked."""
    dim = dimensions(name)[0]
    model, x = built(name, dim), 2 * rows(dim, 50)
    if name in WRITTEN_OUT:
        assert model.value_and_grad(x) is not None
    functions = [(model.value_and_grad, model.log_density)]
    if isinstance(model, Generalized):
        functions.append((model.weight_value_and_grad, model.log_weight))
    for value_and_grad, function in functions:
        found = value_and_grad(x)
        if found is not None:
            assert not found[0].requires_grad and not found[1].requires_grad
            assert all(
                torch.equal(ours, theirs) for ours, theirs in zip(found, differentiated(function, x), strict=True)
            )


@pytest.mark.parametrize("name", [name for name in FAMILIES if isinstance(built(name, dimensions(name)[0]), Density)])
def test_slopes_and_curvature_that_are_written_out_are_those_of_autograd(name):
    dim = dimensions(name)[0]
    model, x = built(name, dim).double(), 2 * rows(dim, 50).double()
    directions = torch.randn(3, 50, dim, generator=generator(7), dtype=torch.float64)
    found = model.directional_derivatives(x, directions, 2)
    assert (found is not None) == (name in WRITTEN_OUT)
    if found is None:
        return
    x.requires_grad_()
    slope = torch.autograd.grad(model.log_density(x).sum(), x, create_graph=True)[0]
    torch.testing.assert_close(found.slopes, (directions * slope).sum(2), rtol=1e-9, atol=1e-10)
    along = (torch.autograd.grad((slope * v).sum(), x, retain_graph=True)[0] for v in directions[:2])
    curvature = sum((of * v).sum(1) for of, v in zip(along, directions[:2], strict=True))
    torch.testing.assert_close(found.curvature, curvature, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("settings", [{}, {"softplus": True}], ids=str)
def test_they_are_in_double_precision_too_but_not_with_statistics_or_in_lower_precision(settings):
    x = rows(3, 50).double()
    model = EBM(width=16, depth=3, **settings).build(data(3), NoStatistic(), generator(2)).double()
    found, expected = model.value_and_grad(x), differentiated(model.log_density, x)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(found, expected, strict=True))
    others = built("ebm", 3, Moments()), EBM(spectral=True).build(data(3), NoStatistic(), generator(2))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert (
            model.value_and_grad(x.float()) is None
            and model.directional_derivatives(x.float(), x.float()[None], 1) is None
        )
    for other in others:
        assert (
            other.value_and_grad(x.float()) is None
            and other.directional_derivatives(x.float(), x.float()[None], 1) is None
        )


@pytest.mark.parametrize("activation", [torch.nn.SiLU, torch.nn.GELU, torch.nn.Softplus, torch.nn.LeakyReLU])
def test_they_are_written_out_for_each_smooth_activation(activation):
    x, network = 3 * rows(3, 50), MLP(3, 16, 3, generator(2), activation)
    found = network.value_and_grad(x)
    if activation is torch.nn.LeakyReLU:
        assert found is None
    else:
        assert all(torch.equal(a, b) for a, b in zip(found, differentiated(network, x), strict=True))
