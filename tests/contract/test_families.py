"""Every family keeps its contract: found by listing, so a new one is tested without a new test."""

import pytest
import torch
from contract_models import DIMENSIONS, built, rows
from targets import generator

from ebmbench import plugins
from ebmbench.errors import UserError
from ebmbench.families.generalized import WithoutDensity
from ebmbench.families.model import Density, Sampleable


@pytest.mark.parametrize("dim", DIMENSIONS)
@pytest.mark.parametrize("name", plugins.available("family"))
def test_family(name, dim):
    model, x = built(name, dim), rows(dim, 50)
    assert model.dim == dim
    if isinstance(model, Density):
        values = model.log_density(x)
        assert values.shape == (50,)
        assert torch.isfinite(values).all()
        assert torch.equal(model.energy(x), -values)
        again = built(name, dim)
        again.load_state_dict(model.state_dict())
        assert torch.equal(again.log_density(x), values)
    if isinstance(model, Sampleable):
        draws = model.sample(30, generator(3))
        assert draws.shape == (30, dim)
        assert torch.equal(draws, model.sample(30, generator(3)))
        assert not torch.equal(draws, model.sample(30, generator(4)))
    if isinstance(model, WithoutDensity):
        assert model.log_weight(x).shape == (50,)
        assert model.base.sample(30, generator(3)).shape == (30, dim)
        with pytest.raises(UserError, match="no density"):
            model.energy(x)
    assert isinstance(model, Density | Sampleable | WithoutDensity)
