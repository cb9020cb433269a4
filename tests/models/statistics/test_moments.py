"""Moments against autograd, finite differences and closed forms, each with a wrong variant that fails."""

import pytest
import torch

from ebmbench.models.statistics.moments import Moments

D = 4
MOMENTS = Moments().fit(torch.zeros(3, D))


@pytest.fixture
def x():
    return torch.randn(6, D, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_names_and_values_are_in_the_same_order(x):
    values = MOMENTS.value(x)
    names = MOMENTS.names(D)
    assert values.shape == (6, MOMENTS.size(D)) == (6, len(names)) == (6, 14)
    for name, column in zip(names, values.T, strict=True):
        factors = [x[:, int(part[1:])] for part in name.split("*")]
        assert torch.equal(column, torch.stack(factors).prod(0))
    assert names[:6] == ["x0", "x1", "x2", "x3", "x0*x0", "x0*x1"]


def test_gradient_is_autograds(x):
    exact = torch.vmap(torch.func.jacrev(lambda row: MOMENTS.value(row[None])[0]))(x)
    gradient = MOMENTS.gradient(x)
    assert gradient.shape == (6, 14, D)
    torch.testing.assert_close(gradient, exact, rtol=0, atol=1e-12)
    one_sided = gradient.clone()
    one_sided[:, 4] /= 2  # x_0 e_0 for x_0^2: the second term of the product rule forgotten
    assert not torch.allclose(one_sided, exact)


def test_gradient_and_laplacian_are_finite_differences(x):
    step = 1e-4
    gradient = torch.zeros(6, 14, D, dtype=torch.float64)
    laplacian = torch.zeros(6, 14, dtype=torch.float64)
    for d, direction in enumerate(torch.eye(D, dtype=torch.float64)):
        ahead, behind = (MOMENTS.value(x + sign * step * direction) for sign in (1, -1))
        gradient[:, :, d] = (ahead - behind) / (2 * step)
        laplacian += (ahead - 2 * MOMENTS.value(x) + behind) / step**2
    torch.testing.assert_close(MOMENTS.gradient(x), gradient, rtol=0, atol=1e-8)
    torch.testing.assert_close(MOMENTS.laplacian(x), laplacian, rtol=0, atol=1e-5)
    on_all_products = torch.full_like(laplacian, 2.0)
    on_all_products[:, :D] = 0
    assert not torch.allclose(on_all_products, laplacian, atol=1e-5)


def test_under_noise_is_the_mean_over_gauss_hermite_nodes(x):
    """E T(x + sigma z) by a product rule that is exact for quadratic statistics."""
    sigma, at = 0.7, MOMENTS.value(x[:1])[0]
    nodes = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0], dtype=torch.float64)] * D)
    noisy = MOMENTS.value(x[0] + sigma * nodes).mean(0)
    torch.testing.assert_close(MOMENTS.under_noise(at, sigma, D), noisy, rtol=0, atol=1e-12)
    assert not torch.allclose(MOMENTS.under_noise(at, sigma**2, D), noisy)  # a variance taken for sigma


def test_quadratic_is_the_inner_product(x):
    eta = torch.randn(14, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    A, b, c = MOMENTS.quadratic(eta, D)
    form = -0.5 * torch.einsum("bi,ij,bj->b", x, A, x) + x @ b + c
    torch.testing.assert_close(form, MOMENTS.value(x) @ eta, rtol=0, atol=1e-12)
    assert torch.equal(A, A.T)
    wrong = -0.5 * torch.einsum("bi,ij,bj->b", x, A - torch.diag(A.diag() / 2), x) + x @ b
    assert not torch.allclose(wrong, MOMENTS.value(x) @ eta)


def test_quadratic_lets_gradients_through():
    eta = torch.zeros(14, dtype=torch.float64, requires_grad=True)
    A, b, _ = MOMENTS.quadratic(eta, D)
    (A[0, 0] + b[1]).backward()
    assert eta.grad[4] == -2 and eta.grad[1] == 1
