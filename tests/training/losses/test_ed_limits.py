"""What energy discrepancy tends to: score matching as t -> 0, maximum likelihood as t -> infinity."""

import math

import numpy as np
import pytest
import torch

from ebmbench.training.losses.ed import EnergyDiscrepancy
from ebmbench.training.losses.ml import MaximumLikelihood
from ebmbench.training.losses.sm import ScoreMatching
from tests.helpers.distributions import standard_errors
from tests.helpers.gaussian_discrepancy import example, on_a_line
from tests.helpers.targets import Energy, generator

#: data N(.5, 1), model N(0, 2)
LINE = on_a_line(0.5, 1, 0, 2)


def rows_with_moments(pair, n=50):
    """Rows whose mean and covariance (with 1/n) are exactly those of the data."""
    x = torch.randn(n, len(pair.m), generator=generator(1), dtype=torch.float64)
    x = x - x.mean(0)
    whitened = torch.linalg.solve_triangular(torch.linalg.cholesky(x.T @ x / n), x.T, upper=False).T
    return pair.m + whitened @ torch.linalg.cholesky(pair.S).T


@pytest.mark.parametrize("pair", [LINE, example(2), example(3)])
def test_the_closed_form_of_score_matching_is_its_loss(pair):
    loss = ScoreMatching()(Energy(pair.energy, len(pair.m)), rows_with_moments(pair), generator()).loss
    assert float(pair.score_matching()) == pytest.approx(float(loss.detach()), abs=1e-10)
    assert float(LINE.score_matching()) == pytest.approx(-0.34375, abs=1e-12)


@pytest.mark.parametrize(("t", "value"), [(0.1, -0.33324), (0.01, -0.34266), (0.001, -0.34364)])
def test_divided_by_t_it_tends_to_score_matching(t, value):
    assert float(LINE.discrepancy(t)) / t == pytest.approx(value, abs=5e-6)
    for pair in (LINE, example(2), example(3)):
        limit = float(pair.score_matching())
        error, finer = (float(pair.discrepancy(s)) / s - limit for s in (t, t / 10))
        # the error is O(t): a tenth of t has a tenth of it
        assert finer == pytest.approx(error / 10, rel=3 * t)
        # and t as a standard deviation has no such limit
        assert abs(float(pair.discrepancy(t**2)) / t - limit) > 0.5 * abs(limit)


@pytest.mark.parametrize("pair", [LINE, example(2), example(3)])
def test_it_is_the_integral_of_score_matching_over_the_noise(pair):
    nodes, weights = np.polynomial.legendre.leggauss(40)
    times = [float(1 + node) for node in nodes]
    integral = sum(w * float(pair.convolved(s).score_matching()) for s, w in zip(times, weights, strict=True))
    assert float(pair.discrepancy(2.0)) == pytest.approx(integral, abs=1e-12)
    # noise on the data but not on the model would be seen
    noisy_data = [pair._replace(S=pair.convolved(s).S) for s in times]
    half = sum(w * float(one.score_matching()) for one, w in zip(noisy_data, weights, strict=True))
    assert abs(half - integral) > 1e-3


def test_known_value_of_the_integral():
    assert float(LINE.discrepancy(2.0)) == pytest.approx(-0.4403235903, abs=1e-10)


def excess(pair, t):
    """ED_t - NLL - c(t), c(t) = -h(p_t)."""
    return float(pair.discrepancy(t) - pair.nll() + pair.convolved(t).entropy())


def relative_entropy(pair):
    """KL(p || p_U), as the difference of cross-entropy and entropy."""
    return float(pair.nll() - pair.entropy())


@pytest.mark.parametrize(("t", "gap"), [(1.0, -0.0777), (10.0, -0.01226), (100.0, -0.00125), (1000.0, -0.000125)])
def test_known_gaps_to_maximum_likelihood(t, gap):
    assert excess(LINE, t) == pytest.approx(gap, rel=1e-3)
    assert float(LINE.squared_distance()) / (2 * t) == pytest.approx(0.21079 / t, rel=1e-4)


@pytest.mark.parametrize("t", [1.0, 10.0, 100.0, 1000.0])
@pytest.mark.parametrize("pair", [LINE, example(2), example(3)])
def test_the_gap_to_maximum_likelihood_is_a_divergence_within_transport(pair, t):
    gap = excess(pair, t)
    assert gap == pytest.approx(-relative_entropy(pair.convolved(t)), abs=1e-10)
    assert -float(pair.squared_distance()) / (2 * t) <= gap < 0
    # without the noise in it, the divergence is another number
    assert relative_entropy(pair) > 1.5 * abs(gap)


@pytest.mark.parametrize("pair", [LINE, example(2)])
def test_the_closed_form_of_the_likelihood_is_its_loss(pair):
    class Normalised(Energy):
        def log_z(self):
            return pair.nll() - pair.mean_energy()

    model = Normalised(pair.energy, len(pair.m))
    x = rows_with_moments(pair)
    loss = MaximumLikelihood()(model, x, generator()).loss
    exact = -torch.distributions.MultivariateNormal(pair.mu, precision_matrix=pair.P).log_prob(x).mean()
    assert float(loss) == pytest.approx(float(exact), abs=1e-10)
    assert float(loss) == pytest.approx(float(pair.nll()), abs=1e-10)


def wavy(x):
    """U in two dimensions, neither quadratic nor a sum over them."""
    return 0.25 * (x**4).sum(-1) + (2 * x[..., 0] + x[..., 1]).sin() - 0.5 * x[..., 1]


def score_matching(x, scale=1.0):
    """The loss of ``scale`` times ``wavy``."""
    return float(ScoreMatching()(Energy(lambda x: scale * wavy(x), 2), x, generator()).loss.detach())


def limit(M, w, x, shared=True):
    """What (L - log(1 + w/M)) / t tends to on fixed rows as t -> 0, from the first moments of the contrasts d_j.

    E d_j = -t tr grad^2 U, E d_j^2 = 2t |grad U|^2 and, by the shared y, E d_j d_k = t |grad U|^2 (0 with a y for
    each negative); the log of a mean with shares 1 / (M + w) has the mean of d and half its variance.
    """
    half_norm = 0.5 * (score_matching(x, 2.0) - 2 * score_matching(x))
    trace = half_norm - score_matching(x)
    share = 1 / (M + w)
    variance = share * 2 * M - share**2 * (2 * M + (M * (M - 1) if shared else 0))
    return variance * half_norm - share * M * trace


def slopes_at_small_t(M, w, x, t=1e-5):
    """(L - log(1 + w/M)) / t of repeated draws, each with its mirror image: that cancels the order of sqrt(t)."""
    loss, found = EnergyDiscrepancy(t=t, M=M, w=w), []
    for seed in range(12):
        negatives = loss.negatives(x, generator(seed))
        both = torch.cat([negatives, 2 * x[:, None] - negatives])
        energies = wavy(torch.cat([torch.cat([x, x])[:, None], both], 1))
        found.append((loss.of_energies(energies) - math.log1p(w / M)) / t)
    return torch.stack(found)


@pytest.fixture(scope="module")
def rows():
    return 0.8 * torch.randn(1500, 2, generator=generator(3), dtype=torch.float64)


@pytest.mark.parametrize(("M", "w"), [(1, 0.0), (1, 1.0), (4, 1.0), (2, 4.0), (50, 0.0)])
def test_the_loss_over_t_has_its_limit_on_the_same_rows(M, w, rows):
    found = slopes_at_small_t(M, w, rows)
    assert abs(standard_errors(found, limit(M, w, rows))) < 4
    # a y for each negative would be seen, where there is more than one
    if M > 1:
        assert abs(standard_errors(found, limit(M, w, rows, shared=False))) > 8


def test_the_limit_is_score_matching_for_w_one_and_for_many_negatives(rows):
    exact = score_matching(rows)
    for M in (1, 4, 100):
        assert limit(M, 1.0, rows) == pytest.approx(M / (M + 1) * exact, abs=1e-10)
    assert limit(10**6, 0.0, rows) == pytest.approx(exact, abs=1e-4)
    assert limit(10**6, 4.0, rows) == pytest.approx(exact, abs=1e-4)
    # elsewhere it is not
    assert limit(1, 0.0, rows) < exact - 1
    assert limit(2, 4.0, rows) * (2 + 4.0) / 2 > exact + 1
    # and for a large w the half of the log-density is its minimiser: score matching of 2 U, halved
    w = 1e6
    assert w * limit(4, w, rows) / 4 == pytest.approx(0.5 * score_matching(rows, 2.0), abs=1e-4)


def test_many_negatives_reach_score_matching_itself(rows):
    # the bias of M negatives is -|grad U|^2 / 2M: it is within the errors here
    found = slopes_at_small_t(400, 0.0, rows[:250])
    assert abs(standard_errors(found, score_matching(rows[:250]))) < 4
    assert abs(standard_errors(found, 0.0)) > 6
