"""Families of other tools: a mixture against scipy, a kernel family against automatic derivatives, a flow's mass."""

import pytest
import torch
from scipy.stats import multivariate_normal

from ebmbench.core.midpoints import midpoints
from ebmbench.models.families.gmm import GMM
from ebmbench.models.families.kef import BANDWIDTHS, KEF, WEIGHTS, Kernels, equations
from ebmbench.models.families.normflows import Normflows
from ebmbench.models.statistics.none import NoStatistic
from tests.helpers.contract_models import rows
from tests.helpers.targets import generator, training_data


def two_clouds(n=3000, seed=1):
    x = 0.3 * torch.randn(n, 2, generator=generator(seed), dtype=torch.float64)
    return x + torch.where(torch.arange(n)[:, None] % 3 == 0, 2.0, -1.0)


def built(family, x, seed=2):
    return family.build(training_data(x, two_clouds(900, 8)), NoStatistic(), generator(seed))


def test_a_mixture_has_the_density_of_its_components_and_is_drawn_from_it():
    model, x = built(GMM(components=2), two_clouds()), two_clouds(40)
    assert model.weights.sort().values.tolist() == pytest.approx([1 / 3, 2 / 3], abs=1e-6)
    expected = sum(
        float(w) * multivariate_normal(m.numpy(), torch.linalg.inv(r @ r.T).numpy()).pdf(x.numpy())
        for w, m, r in zip(model.weights, model.means, model.roots, strict=True)
    )
    assert model.log_density(x).exp().numpy() == pytest.approx(expected, rel=1e-10)
    draws = model.sample(100_000, generator(3))
    data = two_clouds(99_999)
    assert torch.allclose(draws.mean(0), data.mean(0), atol=0.03)
    assert torch.allclose(torch.cov(draws.T), torch.cov(data.T), atol=0.05)


def test_as_many_components_are_taken_as_validation_rows_ask_for():
    assert len(built(GMM(components=8), two_clouds()).weights) == 2
    assert len(built(GMM(components=1), two_clouds()).weights) == 1


def score_matching(base, network, x):
    """The mean over rows of 1/2 |grad f|^2 + Lap f + <grad f, grad log b>, all by automatic differentiation."""
    x = x.clone().requires_grad_()
    slope = torch.autograd.grad(-network(x).sum(), x, create_graph=True)[0]
    laplacian = sum(torch.autograd.grad(slope[:, d].sum(), x, retain_graph=True)[0][:, d] for d in range(x.shape[1]))
    of_base = torch.autograd.grad(base.log_density(x).sum(), x)[0]
    return float((0.5 * slope.square().sum(1) + laplacian + (slope * of_base).sum(1)).mean().detach())


def test_the_equations_of_a_kernel_family_are_those_of_its_derivatives():
    x, stream = two_clouds(700), generator(5)
    base, centres = KEF().measure(x), x[:7]
    found = equations(x, base, centres, 0.8)
    for _ in range(3):
        a = torch.randn(7, generator=stream, dtype=torch.float64)
        assert found.value(a) == pytest.approx(score_matching(base, Kernels(centres, a, 0.8), x), rel=1e-10)
    other = equations(x, base, centres, 0.9)
    assert abs(other.value(a) - found.value(a)) > 1e-3


def test_a_kernel_family_has_the_least_loss_of_its_candidates_on_validation_rows():
    x = two_clouds()
    model, val = built(KEF(centres=30), x), two_clouds(900, 8)
    own = score_matching(model.base, model.network, val)
    centres, losses = model.network.centres, []
    for bandwidth in (share * float(torch.pdist(centres).median()) for share in BANDWIDTHS):
        gram = (-0.5 * torch.cdist(centres, centres).square() / bandwidth**2).exp()
        found = equations(x, model.base, centres, bandwidth)
        for weight in WEIGHTS:
            network = Kernels(centres, -torch.linalg.solve(found.G + weight * gram, found.g), bandwidth)
            losses.append(score_matching(model.base, network, val))
    assert own == pytest.approx(min(losses), rel=1e-6)
    assert sorted(losses)[1] > own + 1e-4


def test_a_flow_of_normflows_integrates_to_one_and_comes_back():
    pytest.importorskip("normflows", reason="needs the packages of envs/peers.txt")
    model, x = built(Normflows(transforms=3, width=16), rows(2)), rows(2, 50)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn(parameter.shape, generator=generator(7)))
        assert torch.allclose(model.decode(model.encode(x)), x, atol=1e-4)
        grid = midpoints(14.0, 500)
        assert float(model.log_density(grid).double().exp().sum()) * (28 / 500) ** 2 == pytest.approx(1, abs=0.01)
        # without its determinant it would not be one
        z = model.encode(grid)
        assert abs(float(model.latent.log_density(z).double().exp().sum()) * (28 / 500) ** 2 - 1) > 0.1
