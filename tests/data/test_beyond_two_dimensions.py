"""Densities beyond two dimensions: normalisation, draws, entropies and gradients, in 4 to 32 dimensions."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from ebmbench.core import plugins
from ebmbench.core.midpoints import midpoints
from ebmbench.data import student
from ebmbench.data.funnel import Funnel
from ebmbench.data.gaussian_mixture import SD, GaussianMixture
from ebmbench.data.interface import KnownDensity
from ebmbench.data.rotated_product import PLANE, RotatedProduct, orthogonal
from ebmbench.data.streams import stream
from ebmbench.data.student_copula import StudentCopula
from ebmbench.data.toy import Toy
from tests.helpers.dataset_names import WITH_DEFAULTS

N = 20_000
BEYOND = ("dw4", "funnel", "gaussian_mixture", "rotated_product", "student_copula")


def draws(dataset, n=N):
    return dataset.sample(n, stream(dataset, "test"))


def log_normal(z):
    return -0.5 * z.square().sum(-1) - 0.5 * z.shape[-1] * math.log(2 * math.pi)


def entropy_z(dataset, entropy, n=N):
    """How many standard errors the mean of -log p over draws is off the entropy."""
    values = -dataset.log_prob(draws(dataset, n))
    return float((values.mean() - entropy) / (values.std() / math.sqrt(n)))


def test_all_known_densities_are_tested_here_or_with_the_plane():
    loaded = {name: plugins.load("dataset", name) for name in WITH_DEFAULTS}
    beyond = {n for n, dataset in loaded.items() if isinstance(dataset, KnownDensity) and not isinstance(dataset, Toy)}
    assert beyond == set(BEYOND)
    assert {n for n, dataset in loaded.items() if isinstance(dataset, Toy)} == set(PLANE)


@pytest.mark.parametrize("name", BEYOND)
def test_no_square_is_integrated_over(name):
    dataset = plugins.load("dataset", name)
    assert dataset.box is None and dataset.dim > 2


@pytest.mark.parametrize(
    ("name", "setting", "line"),
    [
        ("rotated_product", {"copies": 17}, "copies = 17; allowed: 2 or more and at most 16"),
        ("rotated_product", {"of": "redwine"}, "of = 'redwine'; allowed: "),
        ("gaussian_mixture", {"modes": 1}, "modes = 1; allowed: 2 or more"),
        ("gaussian_mixture", {"ratio": 0.5}, "ratio = 0.5; allowed: 1 or more"),
        ("funnel", {"sd": 0.0}, "sd = 0.0; allowed: above 0"),
        ("student_copula", {"margin": 2.0}, "margin = 2.0; allowed: above 2"),
        ("student_copula", {"correlation": 1.0}, "correlation = 1.0; allowed: 0 or more and below 1"),
    ],
)
def test_settings_out_of_range_are_refused(name, setting, line):
    with pytest.raises(plugins.UserError, match=line):
        plugins.load("dataset", name, **setting)


# rotated products


@pytest.mark.parametrize(("of", "copies"), [("rings", 2), ("moons", 4), ("ring8_unequal", 16)])
def test_a_rotation_changes_nothing(of, copies):
    """Densities and draws are those of the plane at the pairs of the unrotated point, and R has determinant ±1."""
    product, plane = RotatedProduct(of, copies), plugins.load("dataset", of)
    assert product.dim == 2 * copies
    rotation = orthogonal(2 * copies, 0)
    np.testing.assert_allclose(rotation @ rotation.T, torch.eye(2 * copies), atol=1e-13)
    generator = stream(product, "test")
    pairs = [plane.sample(200, generator) for _ in range(copies)]
    x = draws(product, 200)
    np.testing.assert_allclose(x, torch.cat(pairs, 1).double() @ rotation.T, atol=1e-5)
    exact = sum(plane.log_prob(pair) for pair in pairs)
    back = (torch.cat(pairs, 1).double() @ rotation.T).double()
    np.testing.assert_allclose(product.log_prob(back), exact, atol=1e-9)
    # without the rotation, or with another one, the density is another
    assert (product.log_prob(torch.cat(pairs, 1)) - exact).abs().mean() > 1
    assert (RotatedProduct(of, copies, rotation=1).log_prob(back) - exact).abs().mean() > 1


def test_the_entropy_is_that_of_the_plane_times_the_copies():
    once = math.log(25) + 1 + math.log(2 * math.pi * (0.2 / 1.414) ** 2)
    product = RotatedProduct("gaussians25", 4)
    assert abs(entropy_z(product, 4 * once)) < 4
    assert abs(entropy_z(product, 3 * once)) > 100


def test_no_draw_of_a_rotated_board_has_density_zero():
    """Rounding moves a coordinate by 1e-7, and the board's points are 1e-6 off its edges."""
    board = RotatedProduct("checkerboard", 16)
    x = draws(board, 50_000)
    np.testing.assert_allclose(board.log_prob(x), -16 * math.log(32), rtol=1e-12)
    # rounding to half precision moves some across
    assert board.log_prob(x.half().float()).isinf().any()
    assert board.log_prob(9 * torch.ones(1, 32)) == -math.inf


# mixtures


@pytest.mark.parametrize("dim", [4, 8, 32])
def test_centres_are_on_a_sphere_and_the_closest_are_separated(dim):
    centres, weights, sd = GaussianMixture(dim=dim, modes=10, separation=7, ratio=5).gaussians()
    assert torch.pdist(centres).min() / sd == pytest.approx(7)
    assert centres.norm(dim=1).std() < 1e-12
    assert weights.sum() == pytest.approx(1) and weights[0] / weights[-1] == pytest.approx(5)
    others = GaussianMixture(dim=dim, modes=10, separation=7, ratio=5, arrangement=1).gaussians()
    assert (others.centres - centres).abs().max() > 0.1


def test_a_mixture_of_the_plane_integrates_to_one():
    mixture = GaussianMixture(dim=2, modes=3, separation=3)
    box = float(mixture.gaussians().centres.norm(dim=1).max()) + 5
    total = mixture.log_prob(midpoints(box, 300)).exp().sum() * (2 * box / 300) ** 2
    assert total == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("dim", [4, 8, 32])
def test_modes_and_entropy_of_a_mixture(dim):
    mixture = GaussianMixture(dim=dim, separation=12)
    centres, weights, _ = mixture.gaussians()
    # components that hardly overlap
    entropy = dim / 2 * math.log(2 * math.pi * math.e * SD**2) - float((weights * weights.log()).sum())
    assert abs(entropy_z(mixture, entropy)) < 4
    assert abs(entropy_z(mixture, entropy + 0.1 * dim)) > 8
    x = draws(mixture)
    component = mixture.component(x)
    share = torch.bincount(component, minlength=8) / N
    assert ((share - weights).abs() < 4.5 * (weights * (1 - weights) / N).sqrt()).all()
    assert (share - 1 / 8).abs().max() > 0.05
    noise = (x - centres[component]).flatten() / SD
    assert stats.kstest(noise[::dim], "norm").pvalue > 1e-4
    assert stats.kstest(1.1 * noise[::dim], "norm").pvalue < 1e-4


# funnels


@pytest.mark.parametrize(("dim", "sd"), [(4, 1.0), (10, 3.0), (32, 3.0)])
def test_draws_and_entropy_of_a_funnel(dim, sd):
    funnel = Funnel(dim=dim, sd=sd)
    entropy = dim / 2 * math.log(2 * math.pi * math.e) + math.log(sd)
    assert abs(entropy_z(funnel, entropy)) < 4
    x = draws(funnel).double()
    for z in (x[:, 0] / sd, x[:, 1] * (-x[:, 0] / 2).exp(), x[:, -1] * (-x[:, 0] / 2).exp()):
        assert stats.kstest(z, "norm").pvalue > 1e-4
    assert stats.kstest(x[:, 1] * (-x[:, 0]).exp(), "norm").pvalue < 1e-6


def test_a_funnel_is_the_product_of_its_conditional_densities():
    x = torch.randn(50, 5, dtype=torch.float64, generator=stream(Funnel(), "points"))
    v = x[:, 0].numpy()
    exact = stats.norm.logpdf(v, scale=1.5) + stats.norm.logpdf(x[:, 1:].T, scale=np.exp(v / 2)).sum(0)
    np.testing.assert_allclose(Funnel(dim=5, sd=1.5).log_prob(x), exact, rtol=1e-12)


# the Student copula


def test_the_same_quantile_in_the_bulk_and_far_out():
    t = torch.tensor([-1e5, -40.0, -1.0, 0.0, 1e-3, 2.0, 1e4], dtype=torch.float64)
    x = student.same_quantile(t, 3.0, 5.0)
    np.testing.assert_allclose(stats.t(5).logcdf(-x.abs()), stats.t(3).logcdf(-t.abs()), rtol=1e-9)
    assert (x.sign() == t.sign()).all()
    np.testing.assert_allclose(student.same_quantile(x, 5.0, 3.0), t, rtol=1e-8)
    assert torch.autograd.gradcheck(
        lambda at: student.same_quantile(at, 3.0, 5.0), t[1:-1].clone().requires_grad_(), eps=1e-5
    )
    np.testing.assert_allclose(student.log_density(t, 3.0), stats.t(3).logpdf(t), rtol=1e-12)


def copula_by_scipy(copula, x):
    place = np.arange(copula.dim)
    scale = copula.correlation ** np.abs(place[:, None] - place)
    t = stats.t(copula.nu).ppf(stats.t(copula.margin).cdf(x))
    margins = stats.t(copula.margin).logpdf(x) - stats.t(copula.nu).logpdf(t)
    return stats.multivariate_t(shape=scale, df=copula.nu).logpdf(t) + margins.sum(1)


@pytest.mark.parametrize("dim", [4, 8, 32])
def test_the_copula_s_density_margins_and_entropy(dim):
    copula = StudentCopula(dim=dim)
    x = draws(copula)
    np.testing.assert_allclose(copula.log_prob(x[:200]), copula_by_scipy(copula, x[:200].double().numpy()), rtol=1e-6)
    assert (copula.log_prob(x[:200]) - StudentCopula(dim=dim, correlation=0.0).log_prob(x[:200])).abs().mean() > 0.5
    for column in (x[:, 0], x[:, -1]):
        assert stats.kstest(column, stats.t(5).cdf).pvalue > 1e-4
        assert stats.kstest(column, stats.t(3).cdf).pvalue < 1e-4
    place = np.arange(dim)
    joint = stats.multivariate_t(shape=0.6 ** np.abs(place[:, None] - place), df=3).entropy()
    exact = float(joint) + dim * float(stats.t(5).entropy() - stats.t(3).entropy())
    assert abs(entropy_z(copula, exact)) < 4
    assert abs(entropy_z(copula, exact - dim * 0.1)) > 4


def test_neighbours_depend_in_the_tails():
    """P(both beyond the 0.2 % quantile) / 0.2 %: near the coefficient for the t copula, much less for a normal one."""
    copula, n = StudentCopula(dim=2), 400_000
    level = stats.t(5).ppf(0.998)
    x = draws(copula, n)
    share = float((x > level).all(1).sum()) / (0.002 * n)
    coefficient = 2 * stats.t(4).cdf(-math.sqrt(4 * 0.4 / 1.6))
    assert coefficient == pytest.approx(0.374, abs=1e-3)
    assert share == pytest.approx(coefficient, abs=0.07)
    normal = stats.multivariate_normal(cov=[[1, 0.6], [0.6, 1]]).cdf([stats.norm.ppf(0.002)] * 2) / 0.002
    assert abs(share - normal) > 0.1


def test_a_copula_of_the_plane_integrates_to_one():
    """By midpoints after x = sinh(y), which brings the heavy tails near."""
    n, reach = 240, 9.0
    y = midpoints(reach, n).double()
    log_p = StudentCopula(dim=2).log_prob(y.sinh()) + y.cosh().log().sum(1)
    assert log_p.exp().sum() * (2 * reach / n) ** 2 == pytest.approx(1, abs=2e-3)


# all


def _inner_mixture(x, dim):
    centres, weights, _ = GaussianMixture(dim=dim).gaussians()
    sd = 0.9 * SD
    parts = [weights[k].log() + log_normal((x - centres[k]) / sd) - dim * math.log(sd) for k in range(8)]
    return torch.stack(parts).logsumexp(0)


def _inner_funnel(x, dim):
    v, y = x[:, :1], x[:, 1:]
    scaled = log_normal(y * (-v / 2).exp() / 0.9) - (dim - 1) * (v[:, 0] / 2 + math.log(0.9))
    return log_normal(v / 2) - math.log(2) + scaled


@pytest.mark.parametrize("dim", [4, 32])
@pytest.mark.parametrize(("name", "log_q"), [("gaussian_mixture", _inner_mixture), ("funnel", _inner_funnel)])
def test_densities_integrate_to_one_by_reciprocal_importance_sampling(name, log_q, dim):
    """E_p[q / p] = 1 for a normalised q with lighter tails, whatever the scale of p was taken to be."""
    dataset = plugins.load("dataset", name, dim=dim)
    x = draws(dataset).double()
    ratio = (log_q(x, dim) - dataset.log_prob(x)).exp()
    error = float(ratio.std()) / math.sqrt(N)
    assert error < 0.02
    assert abs(float(ratio.mean()) - 1) < 4.5 * error
    # a density a tenth too large everywhere is seen
    assert abs(float(ratio.mean()) / 1.1 - 1) > 4.5 * error


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("rotated_product", {"of": "rings"}),
        ("rotated_product", {"of": "gaussians25", "copies": 16}),
        ("gaussian_mixture", {}),
        ("gaussian_mixture", {"dim": 32}),
        ("funnel", {}),
        ("student_copula", {}),
        ("dw4", {}),
    ],
)
def test_gradients_are_finite_and_those_of_differences(name, settings):
    dataset = plugins.load("dataset", name, **settings)
    x = draws(dataset, 20).double().requires_grad_()
    (gradient,) = torch.autograd.grad(dataset.log_prob(x).sum(), x)
    assert gradient.isfinite().all()
    along = torch.zeros_like(x)
    along[:, 1] = 1e-5
    with torch.no_grad():
        slope = (dataset.log_prob(x + along) - dataset.log_prob(x - along)) / 2e-5
    np.testing.assert_allclose(gradient[:, 1], slope, rtol=1e-4, atol=1e-3)


def test_a_rotation_mixes_all_coordinates_and_depends_on_its_seed():
    assert orthogonal(8, 0).abs().max() < 0.95
    assert (orthogonal(8, 0) - orthogonal(8, 1)).abs().max() > 0.1
