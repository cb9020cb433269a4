"""Noise contrast on a line: weighted means that agree, and unweighted ones that do as the ratio grows."""

import pytest
import torch

from ebmbench.experiments.line import judged, maximum_likelihood
from ebmbench.experiments.line_examples import polynomials, wrong_network
from ebmbench.experiments.line_losses import noise_contrast
from ebmbench.experiments.newton import least
from tests.helpers.line_values import gaussian


def fitted(line, noise, k):
    start = maximum_likelihood(line)
    log_z = torch.logsumexp(line.T @ start - line.U, 0)
    return least(noise_contrast(line, noise, k), torch.cat([start, -log_z[None]]))


def masses(line, both):
    """The learnt p, whose normaliser is its own parameter."""
    return (line.T @ both[:-1] - line.U + both[-1]).exp()


@pytest.mark.parametrize(
    ("k", "mismatch", "mass"), [(1, 0.026, 0.961), (5, 0.008, 0.987), (50, 0.001, 0.999), (1000, 5e-5, 1.0)]
)
def test_known_mismatches_of_the_mean(k, mismatch, mass):
    line = wrong_network()
    both = fitted(line, gaussian(line, -1.0, 2.2), k)
    assert float(judged(line, both[:-1]).mismatch[0]) == pytest.approx(mismatch, abs=6e-4 if k < 1000 else 5e-6)
    # where the family errs, the learnt constant is not log Z
    assert float(masses(line, both).sum()) == pytest.approx(mass, abs=6e-4)


@pytest.mark.parametrize("make", [polynomials, wrong_network])
def test_weighted_means_agree_and_unweighted_ones_do_as_the_ratio_grows(make):
    line = make()
    noise = gaussian(line, -1.0, 2.2)
    n, features = noise.softmax(0), torch.cat([line.T, torch.ones_like(line.T[:, :1])], 1)
    for k in (1, 50):
        p = masses(line, fitted(line, noise, k))
        weight = (k * n / (p + k * n))[:, None]
        torch.testing.assert_close(line.q @ (weight * features), p @ (weight * features), rtol=0, atol=1e-8)
        assert (line.q @ features - p @ features).abs().max() > 1e-3
    far, near = (judged(line, fitted(line, noise, k)[:-1]).mismatch.abs().max() for k in (1, 1000))
    assert near < 1e-4 < 0.02 < far


def test_a_truth_that_the_family_holds_is_found_at_every_ratio_with_its_constant():
    line = wrong_network()
    truth = maximum_likelihood(line)
    own = line._replace(log_q=line.log_p(truth))
    start = torch.zeros(4, dtype=torch.float64)
    for k in (0.2, 1, 20):
        found = least(noise_contrast(own, gaussian(line, -1.0, 2.2), k), start)
        torch.testing.assert_close(found[:-1], truth, rtol=0, atol=1e-6)
        assert float(masses(own, found).sum()) == pytest.approx(1, abs=1e-9)
