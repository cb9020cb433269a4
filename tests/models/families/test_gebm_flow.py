"""A flow as base measure: its maps, its latent target, and log Z in latent and in data space."""

import math

import pytest
import torch

from ebmbench.core.errors import UserError
from ebmbench.inference.likelihoods.importance import Importance
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.likelihoods.quadrature import Quadrature
from ebmbench.inference.likelihoods.smc import SMC
from ebmbench.inference.likelihoods.stratified import jittered_log_z
from ebmbench.inference.samplers.mala import MALA
from ebmbench.inference.samplers.target import Target, of_model
from ebmbench.inference.sampling import Methods, SampleSettings, sample
from ebmbench.models.families.gebm_flow import GEBMFlow
from ebmbench.models.families.gmm import GMM
from ebmbench.models.families.nvp import NVP
from ebmbench.models.statistics.none import NoStatistic
from tests.helpers.targets import generator, training_data


def rows(dim, n=300):
    return torch.randn(n, dim, generator=generator(1)) @ torch.tril(torch.ones(dim, dim)) + 1


def shaken(model, size, seed):
    with torch.no_grad():
        stream = generator(seed)
        for parameter in model.parameters():
            parameter.add_(size * torch.randn(parameter.shape, generator=stream))
    return model


def base():
    return shaken(NVP(couplings=3, width=16).build(training_data(rows(2)), NoStatistic(), generator(2)), 0.1, 3)


def model():
    made = GEBMFlow(width=16, depth=2).build(training_data(rows(2), base=base()), NoStatistic(), generator(4))
    shaken(made.network, 0.3, 5)
    return made.eval().requires_grad_(False)


def test_it_begins_as_its_base_and_leaves_it_alone():
    flowing, x = base(), rows(2)
    made = GEBMFlow().build(training_data(x, base=flowing), NoStatistic(), generator(4))
    assert torch.equal(made.log_density(x), flowing.log_density(x))
    made.log_density(x).sum().backward()
    assert all(parameter.grad is None for parameter in made.base.parameters())
    assert made.network.network.layers[-1].bias.grad is not None


def test_without_a_base_it_is_not_built():
    with pytest.raises(ValueError, match="needs a trained base"):
        GEBMFlow().build(training_data(rows(2)), NoStatistic(), generator())


def test_the_latent_target_is_the_density_with_its_jacobian():
    made = model()
    target = of_model(made)
    z = target.base.sample(10, generator(7))
    jacobian = torch.func.vmap(torch.func.jacrev(lambda row: target.decode(row[None])[0]))(z)
    in_data_space = made.log_density(target.decode(z)) + torch.linalg.slogdet(jacobian).logabsdet
    assert torch.allclose(target.base.log_density(z) + target.log_weight(z), in_data_space, atol=1e-4)
    assert torch.allclose(target.encode(target.decode(z)), z, atol=1e-4)
    # the weight at z itself, a target that forgets to decode, is another density
    forgets = Target(made.log_weight, target.base)
    assert not torch.allclose(target.base.log_density(z) + forgets.log_weight(z), in_data_space, atol=0.05)


@pytest.mark.parametrize("way", [SMC(8, 128, 40, refresh=10), Importance(40_000)], ids=["smc", "importance"])
def test_every_way_to_log_z_and_its_draws_agree_with_quadrature(way):
    made, settings = model(), SampleSettings(samples=4000, chains=100, warmup=100, thin=4, bounds=32)
    exact = sample(Problem(made, rows(2), 9.0), Methods(MALA(), [Quadrature(180)]), settings, generator(8))
    found = sample(Problem(made, rows(2)), Methods(MALA(), [way]), settings, generator(9)).model
    known = exact.model.log_z
    assert (known.status, found.log_z.status) == ("ok", "ok")
    assert abs(known.value) > 0.05
    assert found.log_z.value == pytest.approx(known.value, abs=4 * found.log_z.stderr + 1e-3)
    assert known.diagnostics["log_z_lower"] < known.value < known.diagnostics["log_z_upper"]
    spread = exact.model.samples.std(0)
    for draws, worth in ((found.samples, found.n_eff), (exact.generated.samples, exact.generated.n_eff)):
        error = (draws.mean(0) - exact.model.samples.mean(0)).abs() / spread
        assert bool((error < 5 / math.sqrt(worth)).all())
    # the base's draws are not the model's
    beside = made.base.sample(4000, generator(10)).mean(0) - exact.model.samples.mean(0)
    assert float((beside.abs() / spread).max()) > 5 / math.sqrt(4000)


def test_the_stratified_sum_for_training_is_that_of_latents():
    made = model()
    exact = sample(
        Problem(made, rows(2), 9.0), Methods(MALA(), [Quadrature(180)]), SampleSettings(bounds=0), generator(8)
    )
    estimates = torch.stack([jittered_log_z(made, 40, generator(seed)) for seed in range(20)])
    error = float(estimates.std()) / math.sqrt(20)
    assert float(estimates.mean()) == pytest.approx(exact.model.log_z.value, abs=4 * error + 1e-3)
    assert error < 0.01


def test_a_mixture_as_base_has_log_z_without_bounds_and_no_stratified_estimate():
    mixture = GMM(components=2).build(training_data(rows(2)), NoStatistic(), generator(2)).float()
    made = GEBMFlow(width=16, depth=2).build(training_data(rows(2), base=mixture), NoStatistic(), generator(4))
    shaken(made.network, 0.3, 5).requires_grad_(False)
    settings = SampleSettings(samples=1000, chains=50, warmup=20, thin=1, bounds=8)
    found = sample(Problem(made, rows(2), 10.0), Methods(MALA(), [Quadrature(120)]), settings, generator(6))
    assert (found.model.log_z.status, found.model.log_z.method) == ("ok", "quadrature")
    assert "log_z_lower" not in found.model.log_z.diagnostics
    assert len(found.generated.samples) == 1000
    with pytest.raises(UserError, match="needs a normal base measure"):
        jittered_log_z(made, 6, generator())
