"""Every sampler and every way to log Z keeps its contract: found by listing."""

import pytest
import torch

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.samplers.interface import Direct
from ebmbench.inference.samplers.target import of_model
from ebmbench.models.statistics.moments import Moments
from tests.helpers.contract_models import IN_THE_PLANE, built, energy, rows
from tests.helpers.targets import generator

SMALL_WAYS = {
    "quadrature": {"grid": 90},
    "ais": {"populations": 4, "particles": 32, "temperatures": 10, "refresh": 2},
    "smc": {"populations": 4, "particles": 32, "temperatures": 10, "refresh": 2},
    "importance": {"points": 2000, "base_share": 0.5, "steps": 5},
}

#: samplers without chains
DIRECT = [name for name in plugins.available("sampler") if isinstance(plugins.load("sampler", name), Direct)]


@pytest.mark.parametrize("name", sorted(set(plugins.available("sampler")) - set(DIRECT)))
def test_sampler(name):
    sampler = plugins.load("sampler", name)
    assert sampler.kind in ("invariant", "biased", "optimiser")
    assert sampler.target_acceptance is None or 0 < sampler.target_acceptance < 1
    assert sampler.cost.energy_evaluations >= 1
    model, x = built("ebm", 3).requires_grad_(False), rows(3, 40)
    target = of_model(model)
    state = sampler.start(target, x, generator(1))
    moved, info = sampler.step(target, state, generator(2))
    assert moved.x.shape == (*info.acceptance.shape, 3) == (40, 3)
    assert bool(((info.acceptance >= 0) & (info.acceptance <= 1)).all())
    assert torch.equal(moved.x, sampler.step(target, state, generator(2))[0].x)
    # the inverse temperature is an argument that reaches the distribution
    cold = sampler.step(target, state, generator(2), beta=50.0)
    assert not torch.equal(moved.x, cold[0].x) or not torch.equal(info.acceptance, cold[1].acceptance)
    assert torch.equal(state.x, x)


@pytest.mark.parametrize("family", IN_THE_PLANE)
@pytest.mark.parametrize("name", DIRECT)
def test_sampler_without_chains(name, family):
    sampler, model, x = plugins.load("sampler", name), energy(family, 2, Moments()).requires_grad_(False), rows(2)
    assert sampler.kind in ("exact", "biased", "optimiser")
    try:
        made = sampler.draw(model, x, 20, generator(1))
    except UserError as error:
        assert "allowed: family" in str(error) and "\n" not in str(error)
        return
    assert made.x.shape == (20, 2) and made.x.dtype == x.dtype and not made.x.requires_grad
    assert made.cost.energy_evaluations == model.network.points > 0
    assert bool(made.x.isfinite().all())
    assert torch.equal(made.x, sampler.draw(model, x, 20, generator(1)).x)
    assert not torch.equal(made.x, sampler.draw(model, x, 20, generator(2)).x)


@pytest.mark.parametrize("name", DIRECT)
def test_every_sampler_without_chains_takes_a_family(name):
    taken = []
    for family in IN_THE_PLANE:
        try:
            plugins.load("sampler", name).draw(built(family, 2), rows(2), 2, generator(1))
            taken.append(family)
        except UserError:
            continue
    assert taken


@pytest.mark.parametrize("name", plugins.available("likelihood"))
def test_likelihood(name):
    if name.startswith("ebmkit"):
        pytest.importorskip("ebm", reason="needs the packages of envs/peers.txt")
    way = plugins.load("likelihood", name, **SMALL_WAYS.get(name, {}))
    model = built("ebm", 2).requires_grad_(False)
    problem = Problem(model, rows(2), 12.0)
    assert way.applies(problem)
    found = way.normalise(problem, 300, generator(1))
    assert found.log_z.status == "ok", found.log_z.reason
    assert 0 <= found.log_z.stderr < 0.5
    assert found.samples.shape == (300, 2)
    assert 0 < found.n_eff <= 300
    assert found.cost.energy_evaluations > 0
    assert found.log_z.value == way.normalise(problem, 300, generator(1)).log_z.value
    assert abs(found.log_z.value) < 1


@pytest.mark.parametrize("axis", ["sampler", "likelihood"])
def test_impossible_settings_are_one_line(axis):
    for name in plugins.available(axis):
        for field, entry in plugins.fields(axis, name).items():
            if type(entry.default) in (int, float):
                with pytest.raises(UserError, match=f"{axis} {name}: .*{field}"):
                    plugins.load(axis, name, **{field: type(entry.default)(-1)})
