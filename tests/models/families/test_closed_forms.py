"""Families against closed forms, in double precision."""

import math

import pytest
import torch
from scipy.stats import multivariate_normal

from ebmbench.core.errors import UserError
from ebmbench.core.midpoints import midpoints
from ebmbench.models.distributions.normal import Normal, fitted
from ebmbench.models.families.base import Base
from ebmbench.models.families.ebm import EBM
from ebmbench.models.families.expfam import ExponentialFamily
from ebmbench.models.families.flow import Flow
from ebmbench.models.families.gaussian import Gaussian
from ebmbench.models.families.kde import KDE
from ebmbench.models.statistics.moments import Moments
from ebmbench.models.statistics.none import NoStatistic
from tests.helpers.targets import generator, training_data


def skewed(n=4000, dim=2):
    x = torch.randn(n, dim, generator=generator(1), dtype=torch.float64)
    return torch.cat([x[:, :1].exp() + 0.3 * x[:, 1:2], x[:, 1:]], 1)


def test_normal_agrees_with_scipy():
    mean, root = torch.tensor([1.0, -2.0, 0.5]).double(), torch.randn(3, 3, generator=generator()).double()
    covariance = root @ root.T + torch.eye(3).double()
    normal, x = Normal(mean, covariance), torch.randn(50, 3, generator=generator(2)).double()
    expected = multivariate_normal(mean.numpy(), covariance.numpy()).logpdf(x.numpy())
    assert normal.log_density(x).numpy() == pytest.approx(expected, abs=1e-12)
    assert torch.allclose(normal.precision, torch.linalg.inv(covariance))
    assert torch.allclose(torch.cov(normal.sample(200_000, generator(3)).T), covariance, atol=0.1)


@pytest.mark.parametrize("dim", [1, 11])
def test_gaussian_on_whitened_rows_is_the_standard_normals_entropy(dim):
    x = torch.randn(500, dim, generator=generator(), dtype=torch.float64)
    x = x - x.mean(0)
    whitened = x @ torch.linalg.inv(torch.linalg.cholesky(x.T @ x / len(x))).T
    model = Gaussian().build(training_data(whitened), NoStatistic(), generator())
    nll = -float(model.log_density(whitened).mean())
    assert nll == pytest.approx(0.5 * dim * math.log(2 * math.pi * math.e), abs=1e-10)
    # the covariance with 1/(N-1) would miss it
    other = Normal(whitened.mean(0), whitened.T @ whitened / (len(x) - 1))
    assert abs(-float(other.log_density(whitened).mean()) - nll) > 1e-7


def integral(model, box=14.0, n=500):
    return float(model.log_density(midpoints(box, n).double()).double().exp().sum()) * (2 * box / n) ** 2


def test_kde_has_the_gradient_of_its_density():
    model, x = KDE(centres=300, bandwidths=4).build(training_data(skewed()), NoStatistic(), generator()), skewed(20)
    point, step = x.clone().requires_grad_(), 1e-4
    slope = torch.autograd.grad(model.log_density(point).sum(), point)[0]
    assert torch.allclose(model.log_density(point), model.log_density(x), atol=2e-4)
    shift = step * torch.tensor([1.0, 0.0], dtype=torch.float64)
    summed = [model.log_density((x + sign * shift).requires_grad_()).detach() for sign in (1, -1)]
    assert torch.allclose(slope[:, 0], (summed[0] - summed[1]) / (2 * step), atol=1e-6)


def test_flow_and_kde_integrate_to_one_and_draw_what_they_say():
    x = skewed().float()
    x = x[x.abs().amax(1) < 8]
    data = training_data(x, x[:500])
    for family in (Flow(), KDE(centres=300, bandwidths=4)):
        model = family.build(data, NoStatistic(), generator())
        with torch.no_grad():
            assert integral(model.double()) == pytest.approx(1, abs=2e-3)
            draws = model.sample(4000, generator(1))
            cells = (draws[:, 0] > draws[:, 0].median()).double().mean()
        assert draws.shape == (4000, 2)
        assert float(cells) == pytest.approx(0.5, abs=0.01)


def test_flow_changes_of_scale_are_in_its_density():
    x = skewed().float()
    model = Flow().build(training_data(x), NoStatistic(), generator())
    scaled = Flow().build(training_data(10 * x), NoStatistic(), generator())
    with torch.no_grad():
        gap = model.log_density(x[:20]) - scaled.log_density(10 * x[:20])
    assert torch.allclose(gap, torch.full((20,), 2 * math.log(10)), atol=1e-4)


def test_same_generator_same_network_and_no_global_stream():
    data = training_data(skewed().float())
    state = torch.random.get_rng_state()
    for family in (EBM(), Flow()):
        one, two = (family.build(data, NoStatistic(), generator(7)) for _ in range(2))
        for a, b in zip(one.parameters(), two.parameters(), strict=True):
            assert torch.equal(a, b)
    assert torch.equal(state, torch.random.get_rng_state())


def tilted(eta_scale=0.1):
    model = ExponentialFamily().build(training_data(skewed()), Moments(), generator())
    with torch.no_grad():
        model.eta.copy_(eta_scale * torch.randn(len(model.eta), generator=generator(4)))
    model.project()
    return model


def test_exponential_family_log_z_and_normal_agree_with_quadrature():
    model = tilted()
    assert float(model.log_z()) == pytest.approx(math.log(integral(model, 40.0, 1200)), abs=1e-6)
    x = skewed(20)
    assert torch.allclose(model.closed_form().log_density(x), model.log_density(x) - model.log_z(), atol=1e-9)


def test_the_tilt_is_eta_times_the_standardised_statistics():
    model, x = tilted(), skewed(20)
    values = Moments().fit(skewed()).value(skewed())
    spread = values.std(0, correction=0)
    expected = model.base.log_density(x) + ((Moments().fit(skewed()).value(x) - values.mean(0)) / spread) @ model.eta
    assert torch.allclose(model.log_density(x), expected, atol=1e-9)
    # the sign is seen
    assert not torch.allclose(model.log_density(x), 2 * model.base.log_density(x) - expected, atol=0.1)


def test_positive_eta_raises_the_density_where_the_statistic_is_high():
    model = ExponentialFamily().build(training_data(skewed()), Moments(), generator())
    with torch.no_grad():
        model.eta[1] = 0.7
    normal = model.closed_form()
    assert float(normal.mean[1]) > float(model.base.mean[1]) + 0.1


def test_maximum_likelihood_of_the_moments_is_the_fitted_normal():
    x = skewed()
    model = ExponentialFamily().build(training_data(x), Moments(), generator())
    optimiser = torch.optim.LBFGS(model.parameters(), max_iter=200, tolerance_grad=1e-12, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        loss = model.log_z() - model.log_density(x).mean()
        loss.backward()
        return loss

    optimiser.step(closure)
    normal = model.closed_form()
    target = fitted(x)
    assert torch.allclose(normal.mean, target.mean, atol=1e-5)
    assert torch.allclose(normal.cholesky, target.cholesky, atol=1e-5)


def test_projection_keeps_the_model_proper():
    model = tilted()
    with torch.no_grad():
        model.eta[2:] = 5.0
    assert model.log_z() == torch.inf
    assert model.closed_form() is None
    model.project()
    assert torch.isfinite(model.log_z())
    before = model.eta.clone()
    model.project()
    assert torch.equal(before, model.eta)


def test_expfam_without_statistics_is_refused():
    with pytest.raises(UserError, match="needs statistics"):
        ExponentialFamily().build(training_data(skewed()), NoStatistic(), generator())


def test_rows_in_a_subspace_have_a_normal_base_only_with_noise_in_every_direction():
    x = (
        torch.randn(200, 3, generator=generator(8), dtype=torch.float64)
        @ torch.diag(torch.tensor([1.0, 2.0, 0.0])).double()
    )
    with pytest.raises(UserError, match=r"have a singular covariance.*allowed: base_noise > 0"):
        fitted(x)
    centred = x - x.mean(0)
    expected = 4 * centred.T @ centred / 200 + 0.01 * torch.eye(3)
    found = Base(base_scale=2.0, base_noise=0.1).measure(x)
    assert torch.allclose(found.cholesky @ found.cholesky.T, expected, atol=1e-12)
    assert float(torch.linalg.eigvalsh(torch.linalg.inv(found.precision))[0]) == pytest.approx(0.01, rel=1e-6)
