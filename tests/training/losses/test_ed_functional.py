"""Energy discrepancy as a functional of the energy: identities on a line by quadrature, and the loss against them."""

import math

import pytest
import torch

from ebmbench.experiments import mixture
from ebmbench.experiments.mixture import LineMixture
from ebmbench.training.losses.cd import ContrastiveDivergence
from ebmbench.training.losses.ed import EnergyDiscrepancy
from tests.helpers.distributions import standard_errors
from tests.helpers.finite_discrepancy import discrepancy, gaussian_channel, midpoints, posterior, relative_entropy
from tests.helpers.targets import Energy, generator

T = 0.5
DATA = LineMixture(weight=0.3, half_gap=1.5)
X = midpoints(14.0, 560)
WIDTH = float(X[1] - X[0])


def data():
    """Probabilities of the cells under the data."""
    weight = torch.tensor([DATA.weight], dtype=torch.float64)
    return WIDTH * mixture.log_density(X, weight, DATA.half_gap)[0].exp()


def energy(x):
    """Neither that of the data nor quadratic."""
    return 0.015 * x**4 + 0.5 * (2 * x).sin() - 0.3 * x


def direction(x):
    return (1.5 * x).sin() + 0.2 * x


def channel(t=T):
    return gaussian_channel(X, X, t)


def model():
    return (-energy(X)).softmax(0)


def derivatives(u, h, q):
    """(first, second) derivative of ED_q at u along h, by differentiation."""
    step = torch.zeros((), dtype=torch.float64, requires_grad=True)
    first = torch.autograd.grad(discrepancy(data(), q, u + step * h), step, create_graph=True)[0]
    return float(first.detach()), float(torch.autograd.grad(first, step)[0])


def variations(u, h, q):
    """(E_p h - E_p E_q E_{p_u(z|y)} h, E_p E_q Var_{p_u(z|y)} h), by the posterior."""
    over_y, after = data() @ q, posterior(q, u)
    mean = h @ after
    return float(data() @ h - over_y @ mean), float(over_y @ (h.square() @ after - mean.square()))


def test_a_constant_changes_nothing():
    value = discrepancy(data(), channel(), energy(X))
    assert float(discrepancy(data(), channel(), energy(X) + 3)) == pytest.approx(float(value), abs=1e-12)
    assert abs(float(discrepancy(data(), channel(), energy(X) + 0.1 * X) - value)) > 1e-3


def test_it_is_the_contraction_of_the_divergence_by_the_channel():
    p, q, u = data(), channel(), energy(X)
    entropies = [-float(torch.special.xlogy(r, r / WIDTH).sum()) for r in (p, p @ q)]
    contraction = float(relative_entropy(p, model()) - relative_entropy(p @ q, model() @ q))
    found = float(discrepancy(p, q, u))
    assert found == pytest.approx(contraction + entropies[0] - entropies[1], abs=1e-10)
    nll = float(p @ u) + math.log(float((-u).exp().sum()) * WIDTH)
    after = float(relative_entropy(p @ q, model() @ q))
    assert found == pytest.approx(nll - entropies[1] - after, abs=1e-10)
    # without the divergence after the channel it would be the likelihood
    assert after > 0.01


def test_its_variations_are_differences_and_variances_under_the_posterior():
    u, h, q = energy(X), direction(X), channel()
    assert derivatives(u, h, q) == pytest.approx(variations(u, h, q), abs=1e-12)
    # the channel's own distribution in place of the posterior would be seen
    assert abs(float(data() @ h - data() @ q @ q @ h) - variations(u, h, q)[0]) > 0.05


@pytest.mark.parametrize("t", [0.1, 2.0])
def test_it_is_convex_and_least_at_the_data_s_energy(t):
    q, truth = channel(t), -(data() / WIDTH).log()
    for k in range(1, 4):
        first, second = derivatives(truth, (k * X).sin(), q)
        assert abs(first) < 1e-10
        assert second > 1e-4
    assert float(discrepancy(data(), q, energy(X)) - discrepancy(data(), q, truth)) > 0.01
    assert derivatives(truth, torch.ones_like(X), q) == pytest.approx((0, 0), abs=1e-10)


def test_quadrature_agrees_with_the_exact_discrepancy_of_mixtures():
    weights = torch.tensor([0.3, 0.6], dtype=torch.float64)
    exact = mixture.energy_discrepancy(DATA, weights, T)
    for weight, value in zip(weights, exact, strict=True):
        u = -mixture.log_density(X, weight[None], DATA.half_gap)[0]
        assert float(discrepancy(data(), channel(), u)) == pytest.approx(float(value), abs=1e-10)
    assert float(exact[1] - exact[0]) > 0.01


def rows(n, seed):
    return DATA.sample(n, generator(seed))[:, None]


def estimates(loss, batches=8, n=2000):
    """Value, first and second derivative of the loss of U + s h at s = 0, on batches of rows: ``(batches, 3)``."""
    found = []
    for seed in range(batches):
        s = torch.zeros((), dtype=torch.float64, requires_grad=True)
        tilted = Energy(lambda x, s=s: energy(x[:, 0]) + s * direction(x[:, 0]), 1)
        value = loss(tilted, rows(n, seed), generator(100 + seed)).loss
        first = torch.autograd.grad(value, s, create_graph=True)[0]
        second = torch.autograd.grad(first, s)[0]
        found.append(torch.stack([value.detach(), first.detach(), second]))
    return torch.stack(found)


def test_loss_and_its_derivatives_agree_with_quadrature():
    found = estimates(EnergyDiscrepancy(t=T, M=200, w=0.0))
    expected = [float(discrepancy(data(), channel(), energy(X))), *variations(energy(X), direction(X), channel())]
    for values, exact in zip(found.T, expected, strict=True):
        assert abs(standard_errors(values, exact)) < 4
    # t as a standard deviation would be seen in each of them
    wrong = channel(T**2)
    others = [float(discrepancy(data(), wrong, energy(X))), *variations(energy(X), direction(X), wrong)]
    for values, other in zip(found.T, others, strict=True):
        assert abs(standard_errors(values, other)) > 6


@pytest.mark.parametrize(("M", "w"), [(1, 1.0), (3, 0.0), (3, 4.0)])
def test_the_loss_of_any_draws_is_convex_in_the_energy(M, w):
    second = estimates(EnergyDiscrepancy(t=T, M=M, w=w), batches=3, n=20)[:, 2]
    assert float(second.min()) > 1e-3


def langevin(step, adjusted):
    """q(y|x) of one Langevin step for ``energy``, on the cells; adjusted: what is rejected stays."""
    points = X.clone().requires_grad_()
    slope = torch.autograd.grad(energy(points).sum(), points)[0]
    proposal = gaussian_channel(X, X - 0.5 * step * slope, step)
    if not adjusted:
        return proposal
    flow = proposal.log() - energy(X)[:, None]
    accepted = torch.where(proposal > 0, proposal * (flow.T - flow).clamp(max=0).exp(), 0)
    return accepted + torch.diag(1 - accepted.sum(1))


@pytest.mark.parametrize("step", [0.3, 1.0])
def test_contrastive_divergence_is_the_discrepancy_of_its_chain_where_that_is_in_balance(step):
    # then U_q = U, and E U(x) - E U(z) over one step from x to z is ED_q; not adjusted it is not
    def contrasts(adjusted):
        loss = ContrastiveDivergence(k=1, step=step, adjusted=adjusted)
        model = Energy(lambda x: energy(x[:, 0]), 1)
        return torch.stack([loss(model, rows(8000, seed), generator(100 + seed)).loss.detach() for seed in range(12)])

    balanced, biased = (discrepancy(data(), langevin(step, adjusted), energy(X)) for adjusted in (True, False))
    assert abs(standard_errors(contrasts(adjusted=True), float(balanced))) < 4
    assert abs(standard_errors(contrasts(adjusted=False), float(biased))) > 8
