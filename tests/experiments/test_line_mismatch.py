"""What score matching and energy discrepancy leave of a mismatch: Poisson's equation on a line.

With s the model's score, A f = s f' + f'' and f the solution of -A f = T - E_p T, the mismatch E_q T - E_p T is
E_q[f' (s_q - s)]; with a reversible kernel K and f of (I - K) f = T - E_p T it is E_q[(I - K) f].
"""

import pytest
import torch

from ebmbench.experiments.line import maximum_likelihood, score_matching
from ebmbench.experiments.line_examples import log_data, polynomials, wrong_network
from ebmbench.experiments.line_losses import energy_discrepancy
from ebmbench.experiments.newton import least
from tests.helpers import line_values

EXAMPLES = {"polynomials": polynomials, "wrong_network": wrong_network}


def line_of(example, n=3001):
    return line_values.standardised(EXAMPLES[example](9.0, n))


def mismatch(line, eta):
    return line.q @ line.T - line.log_p(eta).exp() @ line.T


def slopes_of_solutions(line, log_p):
    """f' = -1/p int_-inf^x (T - E_p T) p, ``(n, K)``, summed from the nearer end, where p does not vanish."""
    p = log_p.exp()[:, None]
    excess = p * (line.T - log_p.exp() @ line.T)
    from_left, from_right = excess.cumsum(0), excess.flip(0).cumsum(0).flip(0)
    left = p.cumsum(0) < 0.5
    return torch.where(left, -(from_left - excess / 2), from_right - excess / 2) * line.h / p.clamp(min=1e-300)


def scores(line, eta):
    """Of the data and of the model."""
    x = line.x.clone().requires_grad_()
    return torch.autograd.grad(log_data(x).sum(), x)[0], line.T_slope @ eta - line.U_slope


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_mismatch_is_the_solutions_slope_against_the_error_of_the_score(example):
    line = line_of(example)
    for eta in (score_matching(line), maximum_likelihood(line), torch.zeros(line.T.shape[1], dtype=torch.float64)):
        slope = slopes_of_solutions(line, line.log_p(eta))
        data, model = scores(line, eta)
        found = (line.q * (data - model)) @ slope
        torch.testing.assert_close(found, mismatch(line, eta), rtol=0, atol=2e-5)
        # the bound that grows with the barrier between modes
        fisher = line.q @ (data - model).square()
        assert (found.abs() <= (line.q @ slope.square() * fisher).sqrt()).all()
    # solutions of another model are none
    wrong = (line.q * (data - model)) @ slopes_of_solutions(line, line.log_p(eta + 0.2))
    assert (wrong - mismatch(line, eta)).abs().max() > 1e-2


@pytest.mark.parametrize("example", EXAMPLES)
def test_score_matching_misses_only_what_its_statistics_slopes_do_not_span(example):
    line = line_of(example)
    for eta, matched in ((score_matching(line), True), (maximum_likelihood(line), False)):
        data, model = scores(line, eta)
        slope = slopes_of_solutions(line, line.log_p(eta))
        spanned = line.T_slope @ line_values.draws(line.T.shape[1], line.T.shape[1])
        found = (line.q * (data - model)) @ (slope - spanned)
        assert torch.allclose(found, mismatch(line, eta), rtol=0, atol=2e-5) == matched


@pytest.mark.parametrize("example", EXAMPLES)
def test_energy_discrepancy_misses_what_one_step_of_noise_and_denoising_does_not_change(example):
    line, t = line_of(example, 301), 0.3
    eta = least(energy_discrepancy(line, t), maximum_likelihood(line))
    log_kernel = -0.5 * (line.x[:, None] - line.x).square() / t
    noise = (log_kernel - log_kernel.logsumexp(1, keepdim=True)).exp()
    step = noise @ (log_kernel + line.log_p(eta)).softmax(1)
    # it leaves the model alone, and of the data the means of T
    p, eye = line.log_p(eta).exp(), torch.eye(len(line.x), dtype=torch.float64)
    torch.testing.assert_close(p @ step, p, rtol=0, atol=1e-6)
    torch.testing.assert_close(line.q @ step @ line.T, line.q @ line.T, rtol=0, atol=1e-6)
    # the solution that is 0 on average: I - K + 1 p' has an inverse
    f = torch.linalg.solve(eye - step + p, line.T - p @ line.T)
    torch.testing.assert_close(line.q @ (f - step @ f), mismatch(line, eta), rtol=0, atol=1e-8)
    assert mismatch(line, eta).abs().max() > 0.01
