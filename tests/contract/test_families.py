"""Every family keeps its contract: found by listing, so a new one is tested without a new test."""

import copy

import pytest
import torch
from contract_models import FAMILIES, built, data, dimensions, rows
from targets import generator

from ebmbench import files, plugins
from ebmbench.errors import UserError
from ebmbench.families.decoder import Inferring
from ebmbench.families.generalized import WithoutDensity
from ebmbench.families.model import Density, Sampleable


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
        latents = isinstance(model, Inferring)
        weight = model.latent_log_weight(torch.randn(50, 4)) if latents else model.log_weight(x)
        assert weight.shape == (50,)
        assert model.base.sample(30, generator(3)).shape == (30, dim)
        with pytest.raises(UserError, match="no density"):
            model.energy(x)
    assert isinstance(model, Density | Sampleable | WithoutDensity)


def test_what_is_made_elsewhere_is_not_built_here():
    with pytest.raises(UserError, match="the rule that writes its files is missing"):
        plugins.load("family", "outside").build(data(2), None, generator(2))
