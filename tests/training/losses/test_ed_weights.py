"""The stabiliser w of energy discrepancy, by enumeration: where the expected loss is stationary for M negatives.

The loss sees points by their energies alone, so what holds for symmetric perturbations in general is exact on a few
states with a symmetric matrix of moves.
"""

import itertools
import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from ebmbench.training.losses.ed import EnergyDiscrepancy
from tests.helpers.gaussian_discrepancy import example, fitted
from tests.helpers.targets import Energy, generator

STATES = 5


def distribution():
    return torch.tensor([0.05, 0.4, 0.15, 0.3, 0.1], dtype=torch.float64)


def moves(symmetric=True):
    """q(y|x) in row x, column y: a lazy walk on a circle, or one that turns to the right."""
    eye = torch.eye(STATES, dtype=torch.float64)
    left, right = (0.25, 0.25) if symmetric else (0.1, 0.4)
    return 0.5 * eye + left * eye.roll(-1, 1) + right * eye.roll(1, 1)


def all_rows(M, q):
    """Every x, y and M negatives, x ~ p, y ~ q(.|x), negatives ~ q(.|y): (rows without y, probabilities)."""
    chains = torch.tensor(list(itertools.product(range(STATES), repeat=M + 2)))
    x, y, negatives = chains[:, 0], chains[:, 1], chains[:, 2:]
    return torch.cat([x[:, None], negatives], 1), distribution()[x] * q[x, y] * q[y[:, None], negatives].prod(1)


def rows_with_own_y(M, q):
    """Every x and M negatives, each of them by a y of its own."""
    rows = torch.tensor(list(itertools.product(range(STATES), repeat=M + 1)))
    return rows, distribution()[rows[:, 0]] * (q @ q)[rows[:, :1], rows[:, 1:]].prod(1)


def expected_loss(u, M, w, rows):
    """E L over ``rows``, for energies ``u: (STATES,)``."""
    drawn, mass = rows
    return mass @ torch.vmap(EnergyDiscrepancy(M=M, w=w).of_energies)(u[drawn][:, None])


def slope(u, M, w, rows=None):
    u = u.clone().requires_grad_()
    return torch.autograd.grad(expected_loss(u, M, w, rows or all_rows(M, moves())), u)[0]


@pytest.mark.parametrize("M", [1, 2, 3])
def test_w_one_is_stationary_at_the_truth_for_every_M_and_no_other_w_is(M):
    truth = -distribution().log()
    assert float(slope(truth, M, 1.0).abs().max()) < 1e-15
    for w in (0.0, 0.1, 0.5, 4.0):
        assert float(slope(truth, M, w).abs().max()) > 0.01
    # nor is a flatter energy, nor the truth where moves are not symmetric or, with M > 1, negatives share no y
    assert float(slope(0.9 * truth, M, 1.0).abs().max()) > 1e-3
    assert float(slope(truth, M, 1.0, all_rows(M, moves(symmetric=False))).abs().max()) > 0.01
    assert (float(slope(truth, M, 1.0, rows_with_own_y(M, moves())).abs().max()) > 1e-3) is (M > 1)


@pytest.mark.parametrize("w", [0.1, 1.0])
@pytest.mark.parametrize("M", [1, 2])
def test_the_expected_loss_is_convex_and_flat_along_constants_only(M, w):
    rows = all_rows(M, moves())
    curvature = torch.autograd.functional.hessian(lambda u: expected_loss(u, M, w, rows), -distribution().log())
    values = torch.linalg.eigvalsh(curvature)
    assert float(values[0].abs()) < 1e-14
    assert float(values[1]) > 1e-3
    assert float((curvature @ torch.ones(STATES, dtype=torch.float64)).abs().max()) < 1e-14


@pytest.mark.parametrize("M", [1, 3])
def test_a_large_w_is_stationary_at_half_the_log_density(M):
    # the loss tends to log(w/M) + E sum_j exp(d_j) / w: its slope is taken times w
    half, w = -0.5 * distribution().log(), 1e7
    assert float((w * slope(half, M, w)).abs().max()) < 1e-6
    assert float((w * slope(2 * half, M, w)).abs().max()) > 0.1


@pytest.mark.parametrize("M", [1, 2])
def test_a_stabiliser_above_one_flattens_and_one_below_steepens(M):
    truth = -distribution().log()
    along = {w: float(slope(truth, M, w) @ truth) for w in (0.1, 0.5, 1.0, 2.0, 4.0)}
    # the slope in the inverse temperature at the truth: positive asks for a flatter energy
    assert list(along.values()) == sorted(along.values())
    assert along[1.0] == pytest.approx(0, abs=1e-15)


def pairwise_optimum(r, w):
    """The E = exp(U(x) - U(x')) that one negative asks for, r = p(x') / p(x): w E^2 + (1 - r) E - r w = 0."""
    return ((r - 1) + math.sqrt((r - 1) ** 2 + 4 * r * w**2)) / (2 * w)


def slope_of_a_pair(E, r, w):
    """d/d log E of log(w + E) + r log(w + 1/E): x and x' come in either order, p(x) : p(x') = 1 : r."""
    contrast = torch.tensor(math.log(E), dtype=torch.float64, requires_grad=True)
    zero = torch.zeros((), dtype=torch.float64)
    loss = EnergyDiscrepancy(M=1, w=w)
    there, back = (loss.of_energies(torch.stack(pair)[None]) for pair in ((contrast, zero), (zero, contrast)))
    return float(torch.autograd.grad(there + r * back, contrast)[0])


@pytest.mark.parametrize("w", [0.1, 0.5, 1.0, 4.0, 100.0])
@pytest.mark.parametrize("r", [0.2, 3.0])
def test_one_negative_has_its_optimum_pair_by_pair(r, w):
    assert slope_of_a_pair(pairwise_optimum(r, w), r, w) == pytest.approx(0, abs=1e-12)
    # the true ratio is the optimum of w = 1 alone
    assert (abs(slope_of_a_pair(r, r, w)) < 1e-12) is (w == 1)


@pytest.mark.parametrize("r", [0.2, 3.0])
def test_the_pairwise_optimum_runs_from_steep_through_the_truth_to_the_root(r):
    assert pairwise_optimum(r, 1.0) == pytest.approx(r, abs=1e-12)
    assert pairwise_optimum(r, 1e6) == pytest.approx(math.sqrt(r), rel=1e-5)
    assert abs(math.log(pairwise_optimum(r, 1e-6))) > 12


@pytest.mark.parametrize("M", [1, 4])
def test_w_one_is_the_cross_entropy_of_finding_the_row_among_its_negatives(M):
    energies = torch.randn(50, M + 1, generator=generator(1), dtype=torch.float64)
    ranking = cross_entropy(-energies, torch.zeros(50, dtype=torch.long))
    loss = EnergyDiscrepancy(M=M, w=1.0)
    assert float(loss.of_energies(energies)) == pytest.approx(float(ranking) - math.log(M), abs=1e-12)
    # scores of the wrong sign would be seen
    assert abs(float(cross_entropy(energies, torch.zeros(50, dtype=torch.long)) - ranking)) > 1e-3


def test_without_a_stabiliser_one_negative_is_linear_in_the_energy_and_more_are_not():
    first, second = torch.randn(2, 50, 5, generator=generator(2), dtype=torch.float64)

    def departure(M, w):
        loss = EnergyDiscrepancy(M=M, w=w).of_energies
        a, b = first[:, : M + 1], second[:, : M + 1]
        return float(loss(3 * a - 2 * b) - 3 * loss(a) + 2 * loss(b))

    assert departure(1, 0.0) == pytest.approx(0, abs=1e-12)
    assert abs(departure(1, 1.0)) > 0.1
    assert abs(departure(4, 0.0)) > 0.1


def test_the_order_of_the_negatives_does_not_matter_and_the_row_is_none_of_them():
    energies = torch.randn(50, 5, generator=generator(3), dtype=torch.float64)
    loss = EnergyDiscrepancy(M=4, w=0.5)
    value = float(loss.of_energies(energies))
    assert float(loss.of_energies(energies[:, [0, 3, 1, 4, 2]])) == pytest.approx(value, abs=1e-12)
    assert abs(float(loss.of_energies(energies[:, [1, 0, 2, 3, 4]])) - value) > 0.01


def standardised_slopes(M, w, t):
    """Slopes in mean and precision of N(m, S) at the truth, in two dimensions, in standard errors over batches."""
    truth, found = fitted(example(2)), []
    for seed in range(40):
        mu, P = (value.clone().requires_grad_() for value in (truth.mu, truth.P))
        model = Energy(truth._replace(mu=mu, P=P).energy, 2)
        loss = EnergyDiscrepancy(t=t, M=M, w=w)(model, truth.rows(2000, generator(seed)), generator(1000 + seed)).loss
        slopes = torch.autograd.grad(loss, (mu, P))
        found.append(torch.cat([slope.flatten() for slope in slopes]))
    values = torch.stack(found)
    return values.mean(0) / (values.std(0) / len(values) ** 0.5)


@pytest.mark.parametrize(("M", "t"), [(1, 1.0), (4, 0.25), (4, 4.0)])
def test_w_one_is_stationary_at_a_gaussian_truth(M, t):
    assert float(standardised_slopes(M, 1.0, t).abs().max()) < 4


@pytest.mark.parametrize(("M", "w"), [(1, 0.1), (1, 4.0), (4, 0.1), (4, 4.0)])
def test_other_w_are_not_stationary_at_a_gaussian_truth(M, w):
    assert float(standardised_slopes(M, w, 1.0).abs().max()) > 8
