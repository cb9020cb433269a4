"""KALE's closed forms: a Gaussian pair, linear and discrete classes, both forms' distance, the base's gradient."""

import math

import pytest
import torch
from torch import nn

from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.loop import train
from ebmbench.training.losses.kale import donsker_varadhan, fenchel, log_partition
from ebmbench.training.losses.kale_dv import KALEDonskerVaradhan
from ebmbench.training.losses.kale_f import UPDATES, KALEFenchel
from ebmbench.training.settings import TrainSettings
from tests.helpers.targets import generator


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=generator(seed), dtype=torch.float64)


def gaussian_kl(mean, covariance):
    """KL(N(mean, covariance) || N(0, I))."""
    return 0.5 * float(covariance.trace() + mean @ mean - len(mean) - torch.logdet(covariance))


class QuadraticEnergy(nn.Module):
    """E(x) = 1/2 x' P x + v'x, P symmetric and v parameters: exact for a pair of normals."""

    def __init__(self, P, v):
        super().__init__()
        self.P, self.v = nn.Parameter(P.clone()), nn.Parameter(v.clone())

    def forward(self, x):
        return 0.5 * ((x @ (self.P + self.P.T) / 2) * x).sum(-1) + x @ self.v


def pair(dim, seed=1, shift=0.8):
    """Mean and covariance of P; B = N(0, I); the energy of P relative to B, and its log-partition."""
    root = 0.3 * normal(dim, dim, seed=seed)
    covariance, mean = (
        0.4 * torch.eye(dim, dtype=torch.float64) + root @ root.T,
        shift + 0.2 * normal(dim, seed=seed + 1),
    )
    precision = torch.linalg.inv(covariance)
    energy = QuadraticEnergy(precision - torch.eye(dim, dtype=torch.float64), -precision @ mean)
    A = 0.5 * float(torch.logdet(covariance) + mean @ precision @ mean)
    return mean, covariance, energy, A


def exact(energy, mean, covariance):
    """(-E_P[E] - A, A) of a quadratic energy, P = N(mean, covariance) and B = N(0, I)."""
    P, v = (energy.P + energy.P.T).detach() / 2, energy.v.detach()
    precision = P + torch.eye(len(v), dtype=P.dtype)
    A = 0.5 * float(v @ torch.linalg.solve(precision, v) - torch.logdet(precision))
    return -float(0.5 * (P @ (covariance + torch.outer(mean, mean))).trace() + v @ mean) - A, A


def draws(mean, covariance, n, seed):
    return mean + normal(n, len(mean), seed=seed) @ torch.linalg.cholesky(covariance).T


@pytest.mark.parametrize("dim", [1, 3])
def test_a_gaussian_pair_has_its_kl_and_its_log_partition(dim):
    mean, covariance, energy, A = pair(dim)
    with torch.no_grad():
        s, t = energy(draws(mean, covariance, 400_000, 5)), energy(normal(400_000, dim, seed=6))
    error = 4 * float((-t - A).exp().std()) / math.sqrt(len(t)) + 4 * float(s.std()) / math.sqrt(len(s))
    assert error < 0.05
    assert exact(energy, mean, covariance) == pytest.approx((gaussian_kl(mean, covariance), A))
    assert float(log_partition(t)) == pytest.approx(A, abs=error)
    kl = gaussian_kl(mean, covariance)
    assert kl > 0.2
    assert float(donsker_varadhan(s, t)) == pytest.approx(kl, abs=error)
    assert float(fenchel(s, t, torch.tensor(A, dtype=torch.float64))) == pytest.approx(kl, abs=error)
    # an energy of the other sign, a critic's, is no bound of it
    assert float(donsker_varadhan(-s, -t)) < kl - 10 * error


def test_the_known_numbers_in_one_dimension():
    """P = N(1, .5): KL .596574, A -.346574 + m^2 / 2 s^2 in the energy without its constant."""
    x = torch.linspace(-12, 12, 20_001, dtype=torch.float64)
    b = torch.distributions.Normal(0.0, 1.0).log_prob(x).exp() * (x[1] - x[0])
    p = torch.distributions.Normal(1.0, math.sqrt(0.5)).log_prob(x).exp() * (x[1] - x[0])
    energy = -0.5 * x.square() + (x - 1).square()
    A = torch.logsumexp(-energy + b.log(), 0)
    assert float(A) == pytest.approx(math.log(0.5) / 2, abs=1e-6)
    assert float(-(p * energy).sum() - A) == pytest.approx(0.596574, abs=1e-6)


@pytest.mark.parametrize("delta", [-2.0, -0.5, 0.0, 0.5, 3.0])
def test_the_forms_differ_by_the_known_gap(delta):
    s, t = normal(50), 2 * normal(80, seed=1)
    c = log_partition(t) + delta
    gap = donsker_varadhan(s, t) - fenchel(s, t, c)
    assert float(gap) == pytest.approx(delta + math.exp(-delta) - 1, abs=1e-10)
    assert float(gap) == pytest.approx({0.5: 0.1065, -0.5: 0.1487}.get(delta, float(gap)), abs=5e-5)


def linear_bound(w, m):
    """-E_P[w.x] - log E exp(-w.y) with B = N(0, I): -w.m - |w|^2 / 2."""
    return float(-(w @ m) - 0.5 * w @ w)


@pytest.mark.parametrize("radius", [None, 1.0])
def test_linear_energies_see_the_mean_alone(radius):
    """sup = |m|^2 / 2 at w = -m, whatever the covariance; with |w| <= R < |m| it is R |m| - R^2 / 2."""
    m = torch.tensor([3.0, 0.0], dtype=torch.float64)
    w = -m if radius is None else -m * radius / m.norm()
    expected = 4.5 if radius is None else 2.5
    assert linear_bound(w, m) == pytest.approx(expected)
    x, y = m + 5 * normal(400_000, 2), normal(400_000, 2, seed=1)
    # the mean of exp(-w.y) is dominated by rare draws where |w| is 3
    estimate = float(donsker_varadhan(x @ w, y @ w))
    assert estimate == pytest.approx(expected, abs=0.1 if radius else 1.0)
    for angle in (0.3, -0.3):
        turned = torch.stack([w[0] * math.cos(angle), w[0] * math.sin(angle)])
        assert linear_bound(turned, m) < expected - 0.05


def test_a_discrete_pair_is_exact():
    p, b = (torch.softmax(normal(6, seed=k), 0) for k in (1, 2))
    energy = -(p / b).log()
    A = (b * (-energy).exp()).sum().log()
    assert float(A) == pytest.approx(0, abs=1e-12)
    kl = float((p * (p / b).log()).sum())
    assert float(-(p * energy).sum() - A) == pytest.approx(kl, abs=1e-12)
    for k in range(20):
        other = normal(6, seed=10 + k)
        bound = float(-(p * other).sum() - (b * (-other).exp()).sum().log())
        assert bound < kl


def test_the_gradient_of_a_base_that_is_moved():
    """B = N(theta, 1), P = N(m, 1), E = (theta - m) x fixed: dKALE/dtheta = theta - m."""
    m, start = 1.0, -0.5
    theta, slope = torch.tensor(start, dtype=torch.float64, requires_grad=True), start - m
    x, y = m + normal(2_000_000, seed=3), theta + normal(2_000_000, seed=4)
    value = donsker_varadhan(slope * x, slope * y)
    (gradient,) = torch.autograd.grad(value, theta)
    assert float(gradient) == pytest.approx(slope, abs=1e-3)
    assert float(value.detach()) == pytest.approx(slope**2 / 2, abs=0.02)


def model_of(energy, dim):
    base = Normal(torch.zeros(dim, dtype=torch.float64), torch.eye(dim, dtype=torch.float64))
    return Tilted(base, energy, NoStatistic(), normal(10, dim))


def test_the_losses_are_minus_the_bounds_on_the_models_own_base():
    mean, covariance, energy, A = pair(2)
    model, x = model_of(energy, 2), draws(mean, covariance, 2000, 7)
    dv = KALEDonskerVaradhan(nu=50)(model, x, generator(1))
    kl = gaussian_kl(mean, covariance)
    assert float(dv.loss.detach()) == pytest.approx(-kl, abs=0.1)
    assert dv.energy_evaluations == 2000 * 51
    f = KALEFenchel(nu=50)
    assert torch.equal(f(model, x, generator(1)).loss, dv.loss)
    with_state = f.with_state(x, generator(0))
    first, second = (with_state(model, x[:100], generator(2)) for _ in range(2))
    assert first.energy_evaluations == 100 * 51 + 100 * (1 + 50 * 100) and second.energy_evaluations == 100 * 51
    assert float(with_state.log_partition.detach()) == pytest.approx(A, abs=0.02)


@pytest.mark.parametrize("update", list(UPDATES))
def test_each_update_has_its_own_slope_and_the_same_gradient_in_the_energy(update):
    _, _, energy, _ = pair(2)
    s, t = energy(normal(40, 2)), energy(normal(60, 2, seed=1))
    A, c = float(log_partition(t).detach()), nn.Parameter(torch.tensor(0.7, dtype=torch.float64))
    loss = UPDATES[update](s, t, c)
    loss.backward()
    slopes = {"raw": 1 - math.exp(A - 0.7), "preconditioned": math.exp(0.7 - A) - 1}
    assert c.grad is None if update in ("ema", "batch") else float(c.grad) == pytest.approx(slopes[update])
    moved = {"ema": 0.99 * 0.7 + 0.01 * A, "batch": A}.get(update, 0.7)
    assert float(c.detach()) == pytest.approx(moved)
    gradient = energy.P.grad.clone()
    energy.P.grad = None
    (-fenchel(energy(normal(40, 2)), energy(normal(60, 2, seed=1)), torch.tensor(moved))).backward()
    assert torch.allclose(gradient, energy.P.grad)


def test_the_preconditioned_variable_settles_below_the_log_partition_and_the_raw_one_on_it():
    """E(y) = 1.5 y, B = N(0, 1), A = 1.125: at M = 10 the preconditioned slope is zero on average at .71."""
    A_M = torch.logsumexp(-1.5 * normal(200_000, 10), 1) - math.log(10)
    preconditioned = -float(torch.logsumexp(-A_M, 0) - math.log(len(A_M)))
    raw = float(torch.logsumexp(A_M, 0) - math.log(len(A_M)))
    assert preconditioned == pytest.approx(0.71, abs=0.01)
    assert raw == pytest.approx(1.125, abs=0.02)


@pytest.mark.parametrize(
    ("make", "message"),
    [(lambda: KALEFenchel(update="both"), "raw, preconditioned, ema, batch"), (lambda: KALEFenchel(nu=0), "nu")],
)
def test_impossible_settings_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "update"), [("kale_f", "raw"), ("kale_f", "ema"), ("kale_dv", None)])
def test_a_well_specified_pair_in_five_dimensions_is_learnt(name, update):
    """N = M = 500, 3,000 steps: the exact bound within 1 % of KL, and c within .05 of the energy's own A."""
    mean, covariance, _, _ = pair(5, shift=0.65)
    x, kl = draws(mean, covariance, 100_000, 11), gaussian_kl(mean, covariance)
    energy = QuadraticEnergy(torch.zeros(5, 5, dtype=torch.float64), torch.zeros(5, dtype=torch.float64))
    model = model_of(energy, 5)
    loss = KALEFenchel(nu=1, update=update) if update else KALEDonskerVaradhan(nu=1)
    kept = loss.with_state(x, generator(1)) if update else loss
    settings = TrainSettings(steps=3000, batch_size=500, learning_rate=1e-2, ema=0.99)
    streams = Streams(generator(2), generator(3), 4, generator(9))
    task = TrainingJob(model, kept, (x, x[:2000]), settings, streams, lambda model: {}, lambda *reported: None)
    bound, A = exact(train(task).model.network, mean, covariance)
    assert kl > 1.2
    assert bound == pytest.approx(kl, rel=0.01)
    if update:
        assert float(kept.log_partition.detach()) == pytest.approx(A, abs=0.05)
