"""What each loss makes of a tilt on a line, against tabled numbers and against each other."""

import pytest
import torch

from ebmbench.experiments import line as exact
from ebmbench.experiments import line_losses
from ebmbench.experiments.line import judged
from ebmbench.experiments.line_examples import polynomials, wrong_network
from ebmbench.experiments.newton import least


def discrepancy(line, t):
    return least(line_losses.energy_discrepancy(line, t), torch.zeros(line.T.shape[1], dtype=torch.float64))


def ways(line):
    return {
        "ML": lambda: exact.maximum_likelihood(line),
        "SM": lambda: exact.score_matching(line),
        "DSM": lambda sigma: exact.denoising_score_matching(line, sigma),
        "ED": lambda t: discrepancy(line, t),
    }


@pytest.mark.parametrize(
    ("way", "at", "eta", "mismatch", "kl"),
    [
        ("ML", (), (-0.41201, 0.35353, 0.02408, -0.03712), (0, 0, 0, 0), 0.034056),
        ("SM", (), (-0.59742, 0.21600, 0.03672, -0.02616), (-0.1180, -0.0488, -0.0745, -0.0127), 0.055585),
        ("DSM", (0.1,), (-0.58823, 0.20896, 0.03582, -0.02544), (-0.1127, -0.0462, -0.0736, -0.0065), 0.055372),
        ("DSM", (0.3,), (-0.52839, 0.16072, 0.02987, -0.02057), (-0.0790, -0.0233, -0.0712, 0.0441), 0.059608),
        ("ED", (0.001,), (-0.59698, 0.21652, 0.03670, -0.02620), (-0.1178, -0.0486, -0.0744, -0.0126), 0.055461),
        ("ED", (0.01,), (-0.59313, 0.22103, 0.03648, -0.02655), (-0.1161, -0.0468, -0.0733, -0.0123), 0.054384),
        ("ED", (0.5,), (-0.46392, 0.32512, 0.02782, -0.03484), (-0.0393, -0.0097, -0.0250, -0.0034), 0.035523),
        ("ED", (10.0,), (-0.41202, 0.35353, 0.02408, -0.03712), (-1e-5, 0, 0, 0), 0.034056),
    ],
)
def test_polynomials_without_a_network(way, at, eta, mismatch, kl):
    line = polynomials()
    found = judged(line, ways(line)[way](*at))
    torch.testing.assert_close(found.eta, torch.tensor(eta).double(), rtol=0, atol=3e-5)
    torch.testing.assert_close(found.mismatch, torch.tensor(mismatch).double(), rtol=0, atol=1e-4)
    assert found.kl == pytest.approx(kl, abs=2e-6)


@pytest.mark.parametrize(
    ("way", "at", "mismatch", "kl"),
    [
        ("ML", (), (0, 0, 0), 0.020427),
        ("SM", (), (-0.0710, -0.0248, -0.0712), 0.024597),
        ("DSM", (0.3,), (-0.0361, 0.0138, -0.0302), 0.021151),
        ("DSM", (0.6,), (0.0512, 0.1421, 0.0703), 0.031320),
        ("ED", (0.1,), (-0.0420, -0.0266, -0.0406), 0.022363),
        ("ED", (0.5,), (-0.0046, -0.0201, -0.0020), 0.020808),
    ],
)
def test_a_wrong_network_tilted(way, at, mismatch, kl):
    line = wrong_network()
    found = judged(line, ways(line)[way](*at))
    torch.testing.assert_close(found.mismatch, torch.tensor(mismatch).double(), rtol=0, atol=1e-4)
    assert found.kl == pytest.approx(kl, abs=2e-6)


def test_a_wrong_network_as_it_is():
    line = wrong_network()
    found = judged(line, torch.zeros(3).double())
    torch.testing.assert_close(found.mismatch, torch.tensor([0.3904, -0.0595, 0.4565]).double(), rtol=0, atol=1e-4)
    assert found.kl == pytest.approx(0.121875, abs=2e-6)
    eta = exact.maximum_likelihood(line)
    torch.testing.assert_close(eta, torch.tensor([0.27319, 0.00818, -2.20747]).double(), rtol=0, atol=2e-5)


def test_energy_discrepancy_goes_from_score_matching_to_maximum_likelihood():
    line = polynomials()
    short, long = discrepancy(line, 1e-3), discrepancy(line, 50.0)
    torch.testing.assert_close(short, exact.score_matching(line), rtol=0, atol=6e-4)
    torch.testing.assert_close(long, exact.maximum_likelihood(line), rtol=0, atol=1e-5)
    assert not torch.allclose(long, exact.score_matching(line), atol=1e-2)


def test_a_grid_of_perturbed_points_that_ends_with_the_line_fakes_a_mismatch(monkeypatch):
    line = polynomials()
    monkeypatch.setattr(line_losses, "BEYOND", 0.0)
    cut = judged(line, discrepancy(line, 50.0))
    assert cut.mismatch.abs().max() > 0.005


def test_first_and_second_moments_alone_are_fitted_alike_by_every_loss():
    """With an affine score all but denoising are the Gaussian's maximum likelihood, whatever the data."""
    line = polynomials(24, 801)
    gaussian = line._replace(T=line.T[:, :2], T_slope=line.T_slope[:, :2], T_bend=line.T_bend[:, :2])
    expected = exact.maximum_likelihood(gaussian)
    q = line.q
    mean = float(q @ line.x)
    variance = float(q @ (line.x - mean).square())
    closed = torch.tensor([mean / variance, -0.5 / variance], dtype=torch.float64)
    torch.testing.assert_close(expected, closed, rtol=0, atol=1e-6)
    torch.testing.assert_close(exact.score_matching(gaussian), expected, rtol=0, atol=1e-6)
    for t in (0.01, 0.3, 1.0, 25.0, 1000.0):
        torch.testing.assert_close(discrepancy(gaussian, t), expected, rtol=0, atol=1e-5)
    noisy = torch.tensor([mean, -0.5]).double() / (variance + 0.09)
    torch.testing.assert_close(exact.denoising_score_matching(gaussian, 0.3), noisy, rtol=0, atol=1e-5)
