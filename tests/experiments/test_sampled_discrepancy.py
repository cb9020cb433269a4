"""Energy discrepancy with finitely many negatives, without its noise: brute force, limits, tabled numbers."""

import math

import pytest
import torch

from ebmbench.experiments import line_losses
from ebmbench.experiments.line import judged, maximum_likelihood
from ebmbench.experiments.line_examples import polynomials, wrong_network
from ebmbench.experiments.line_losses import energy_discrepancy, sampled_discrepancy
from ebmbench.experiments.newton import expanded, least

#: wide enough for negatives at t = 4
WIDE = (16.0, 241)


def zeros(line):
    return torch.zeros(line.T.shape[1], dtype=torch.float64)


def brute(line, eta, t, w):
    """The loss with two negatives, by a sum over y and all three points."""
    y = torch.linspace(-12, 12, 121, dtype=torch.float64)
    kernel = torch.exp(-0.5 * (y[:, None] - line.x).square() / t) / math.sqrt(2 * math.pi * t)
    energy = line.U - line.T @ eta
    ratios = (-energy).exp()
    first = (ratios[:, None] + ratios)[None] / ratios[:, None, None]
    loss = torch.log(w / 2 + first / 2)
    row, other = kernel * line.q * float(y[1] - y[0]), kernel * line.h
    return torch.einsum("yi,yj,yk,ijk->", row, other, other, loss)


@pytest.mark.parametrize("w", [0.5, 1.0, 2.0])
def test_two_negatives_by_brute_force(w):
    line = wrong_network(10, 61)
    first, second = zeros(line), torch.tensor([0.3, 0.02, -0.8], dtype=torch.float64)
    for eta in (first, second):
        found = float(sampled_discrepancy(line, 0.25, 2, w)(eta))
        assert found == pytest.approx(float(brute(line, eta, 0.25, w)), abs=1e-9)
        assert abs(found - float(brute(line, eta, 0.3, w))) > 1e-3


def test_one_negative_without_a_stabiliser_is_a_difference_of_mean_energies():
    line = polynomials(*WIDE)._replace(T=polynomials(*WIDE).T[:, :2])
    eta = torch.tensor([0.2, -0.5], dtype=torch.float64)
    # E (x + noise)^2 - E x^2 is the noise's variance, 2t
    assert float(sampled_discrepancy(line, 0.25, 1, 0.0)(eta)) == pytest.approx(-0.5 * 2 * 0.25, abs=1e-8)
    with pytest.raises(ArithmeticError, match="the loss has no least value"):
        least(sampled_discrepancy(line, 0.25, 1, 0.0), eta)


@pytest.mark.parametrize("w", [0.0, 1.0])
def test_many_negatives_are_energy_discrepancy_itself(w):
    line = wrong_network(*WIDE)
    exact = expanded(energy_discrepancy(line, 0.25), zeros(line)).gradient
    few, many = (expanded(sampled_discrepancy(line, 0.25, M, w), zeros(line)).gradient for M in (50, 500))
    # the error is O(1/M)
    assert (many - exact).abs().max() < 3e-3
    torch.testing.assert_close(many - exact, (few - exact) / 10, rtol=0.1, atol=1e-5)


@pytest.mark.parametrize(
    ("t", "M", "slopes"),
    [
        (0.25, 1, (0.5, 0.0433, 0, -0.0217)),
        (0.25, 4, (0.1151, 0.0291, 0, -0.0260)),
        (0.25, 16, (0.0292, 0.0113, 0, -0.0154)),
        (4.0, 1, (8.0, 0.0505, 0, -0.0253)),
        (4.0, 4, (1.3745, 0.0518, 0, -0.0349)),
        (4.0, 16, (0.2761, 0.0321, 0, -0.0303)),
    ],
)
def test_known_slopes_in_the_second_moment_at_the_true_model(t, M, slopes):
    """U = -log q and T = x^2; w = 0, .5, 1, 2. Only w = 1 has none."""
    line = polynomials(*WIDE)
    line = line._replace(U=-line.log_q, T=line.T[:, 1:2])
    for w, slope in zip((0.0, 0.5, 1.0, 2.0), slopes, strict=True):
        found = float(expanded(sampled_discrepancy(line, t, M, w), zeros(line)).gradient)
        # at t = 4 a few of the negatives are beyond the line, which only w = 0 sees
        assert found == pytest.approx(slope, abs=5e-10 if w == 1 else 6e-5 if w else 5e-4)


@pytest.mark.parametrize(
    ("M", "w", "mismatch"),
    [
        (1, 1.0, (0.0270, -0.0001, 0.0292)),
        (4, 1.0, (0.0107, 0.0024, 0.0126)),
        (16, 1.0, (0.0030, 0.0013, 0.0041)),
        (4, 2.0, (0.0793, 0.0324, 0.0896)),
        (4, 0.0, (-0.092, -0.672, -0.236)),
    ],
)
def test_known_mismatches_of_a_model_that_errs(M, w, mismatch):
    """t = 4. Where the truth is outside of the family, w = 1 has a bias of O(1/M), too."""
    line = wrong_network(*WIDE)
    found = judged(line, least(sampled_discrepancy(line, 4.0, M, w), maximum_likelihood(line)))
    expected = torch.tensor(mismatch, dtype=torch.float64)
    torch.testing.assert_close(found.mismatch, expected, rtol=0, atol=1e-3 if w == 0 else 1e-4)


@pytest.mark.parametrize("w", [0.5, 1.0, 2.0])
def test_only_w_one_finds_a_truth_that_the_family_holds(w):
    line = wrong_network(*WIDE)
    truth = maximum_likelihood(line)
    own = line._replace(log_q=line.log_p(truth))
    for M in (1, 3):
        found = judged(own, least(sampled_discrepancy(own, 4.0, M, w), zeros(line)))
        if w == 1:
            torch.testing.assert_close(found.eta, truth, rtol=0, atol=1e-7)
        else:
            assert found.kl > 3e-3


def test_the_integral_has_enough_nodes(monkeypatch):
    line = wrong_network(*WIDE)
    before = [expanded(sampled_discrepancy(line, 4.0, 4, w), zeros(line)) for w in (0.0, 1.0)]
    for name, value in (("STEP", 0.2), ("FIRST", -44.0), ("LAST", 250.0), ("LAST_UNSTABILISED", 600.0)):
        monkeypatch.setattr(line_losses, name, value)
    after = [expanded(sampled_discrepancy(line, 4.0, 4, w), zeros(line)) for w in (0.0, 1.0)]
    for one, finer in zip(before, after, strict=True):
        assert float(one.value) == pytest.approx(float(finer.value), abs=1e-6)
        torch.testing.assert_close(one.gradient, finer.gradient, rtol=0, atol=1e-6)
    # coarser ones are seen
    monkeypatch.setattr(line_losses, "STEP", 2.0)
    coarse = expanded(sampled_discrepancy(line, 4.0, 4, 1.0), zeros(line))
    assert (coarse.gradient - before[1].gradient).abs().max() > 1e-5


def test_cells_wider_than_the_perturbation_are_refused():
    with pytest.raises(ValueError, match=r"t = 0\.001 is too small for cells of width 0\.1; allowed: 0\.01 or more"):
        energy_discrepancy(polynomials(9, 181), 1e-3)
