"""Losses on a line: slopes against differences of values and against theory's kernels, convexity, least values."""

import itertools
from typing import NamedTuple

import pytest
import torch

from ebmbench.experiments import line as exact
from ebmbench.experiments import line_losses
from ebmbench.experiments.line_examples import polynomials, wrong_network
from ebmbench.experiments.newton import expanded, least
from tests.helpers import line_values
from tests.helpers.line_values import draws, gaussian, standardised

EXAMPLES = {"polynomials": standardised(polynomials(9, 181)), "wrong_network": standardised(wrong_network(9, 181))}


class Case(NamedTuple):
    """A loss and its slope by theory; ``other``: those of another setting; ``ours``, and where ours is least."""

    theory: tuple
    other: tuple
    ours: object
    best: object


def cases(line):
    start, noise = torch.zeros(line.T.shape[1], dtype=torch.float64), gaussian(line, -1.0, 2.2)
    tilt, values = exact.maximum_likelihood(line), line_values

    def newton(ours, start=start):
        return ours, lambda: least(ours, start)

    with_constant = torch.cat([tilt, -torch.logsumexp(line.T @ tilt - line.U, 0)[None]])
    found = {
        "ml": Case(values.likelihood(line), values.score_matching(line), None, lambda: tilt),
        "sm": Case(values.score_matching(line), values.likelihood(line), None, lambda: exact.score_matching(line)),
        "dsm": Case(
            values.denoising(line, 0.4),
            values.denoising(line, 0.5),
            None,
            lambda: exact.denoising_score_matching(line, 0.4),
        ),
        "kale": Case(values.kale(line, noise), values.kale(line, noise + 0.1 * line.x), None, None),
        "ed": Case(
            values.noise_and_denoise(line, 0.3),
            values.noise_and_denoise(line, 0.36),
            *newton(line_losses.energy_discrepancy(line, 0.3)),
        ),
        "nce": Case(
            values.noise_contrast(line, noise, 2.0),
            values.noise_contrast(line, noise, 3.0),
            *newton(line_losses.noise_contrast(line, noise, 2.0), with_constant),
        ),
    }
    for w in (0.5, 1.0, 2.0):
        found[f"ed, M = 1, w = {w}"] = Case(
            values.one_negative(line, 0.3, w),
            values.one_negative(line, 0.4, 1.2 * w),
            *newton(line_losses.sampled_discrepancy(line, 0.3, 1, w), tilt),
        )
    return found


CASES = {(name, loss): case for name, line in EXAMPLES.items() for loss, case in cases(line).items()}


def points(key, count=3, scale=0.3):
    """Natural parameters, with the normaliser that noise contrast and KALE learn as one more."""
    eta = scale * draws(count, EXAMPLES[key[0]].T.shape[1])
    return torch.cat([eta, eta[:, :1] - 4], 1) if key[1] in ("nce", "kale") else eta


def differences(function, eta, step=1e-5):
    moves = step * torch.eye(len(eta), dtype=eta.dtype)
    return torch.stack([(function(eta + move) - function(eta - move)) / (2 * step) for move in moves])


@pytest.mark.parametrize("key", CASES, ids=" ".join)
def test_slopes_are_those_of_a_kernel_that_leaves_the_model_alone(key):
    (loss, slope), (_, other) = CASES[key].theory, CASES[key].other
    for eta in points(key):
        expected = differences(loss, eta)
        torch.testing.assert_close(slope(eta), expected, rtol=1e-6, atol=1e-6)
        assert (other(eta) - expected).abs().max() > 1e-3


@pytest.mark.parametrize("key", [key for key, case in CASES.items() if case.ours], ids=" ".join)
def test_our_losses_are_those_of_theory(key):
    ours, (loss, slope) = CASES[key].ours, CASES[key].theory
    first, *others = points(key)
    for eta in others:
        found = expanded(ours, eta)
        assert float(found.value - ours(first)) == pytest.approx(float(loss(eta) - loss(first)), abs=1e-9)
        torch.testing.assert_close(found.gradient, slope(eta), rtol=1e-7, atol=1e-8)
        torch.testing.assert_close(found.curvature, differences(slope, eta), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("key", [key for key, case in CASES.items() if case.best], ids=" ".join)
def test_where_they_are_least_theorys_slope_is_zero(key):
    (_, slope), (_, other), best = CASES[key].theory, CASES[key].other, CASES[key].best()
    assert slope(best).abs().max() < 1e-8
    assert other(best).abs().max() > 1e-4


def sag(loss, ends):
    """How far below its chords a function is, at least, on the segments between ``ends``."""
    found = []
    for a, b in itertools.pairwise(ends):
        low, high = loss(a), loss(b)
        found += [float((1 - s) * low + s * high - loss((1 - s) * a + s * b)) for s in (0.2, 0.5, 0.8)]
    return min(found)


@pytest.mark.parametrize("key", CASES, ids=" ".join)
def test_they_are_convex_in_natural_parameters(key):
    assert sag(CASES[key].theory[0], points(key, 9, 1.0)) > 1e-6


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_reverse_divergence_is_not_convex_and_that_would_be_seen(example):
    line = EXAMPLES[example]

    def reverse(eta):
        log_p = line.log_p(eta)
        return log_p.exp() @ (log_p - line.log_q)

    assert sag(reverse, points((example, "ml"), 9, 3.0)) < -1e-3
