"""Fractions of samples in the components of a mixture with known weights."""

import pytest
import torch

from ebmbench.data.gaussian_mixture import GaussianMixture
from ebmbench.evaluation.metrics.mode_fractions import Mixture, floor, mode_fraction_error

N = 4000


def mixture(separation):
    centres, weights, sd = GaussianMixture(dim=6, modes=4, separation=separation).gaussians()
    return Mixture(centres, weights, torch.tensor(sd, dtype=torch.float64))


def draws(of, weights=None, n=N, seed=0):
    generator = torch.Generator().manual_seed(seed)
    which = torch.multinomial(of.weights if weights is None else weights, n, replacement=True, generator=generator)
    return of.centres[which] + of.sd * torch.randn(n, 6, dtype=torch.float64, generator=generator)


@pytest.mark.parametrize("separation", [2.0, 8.0])
def test_samples_of_the_mixture_have_its_weights_however_much_it_overlaps(separation):
    of = mixture(separation)
    found = mode_fraction_error(of, draws(of), N, N)
    assert found.n == N
    assert found.value < 3 * floor(of.weights, N)


def test_another_set_of_weights_is_measured():
    of, even = mixture(10.0), torch.full((4,), 0.25, dtype=torch.float64)
    found = mode_fraction_error(of, draws(of, even), N, N)
    exact = float((even - of.weights).abs().sum()) / 2
    assert exact > 0.15
    assert abs(found.value - exact) < 4 * found.stderr < 0.05
    alone = mode_fraction_error(of, of.centres[:1].repeat(10, 1), 10, 10)
    assert alone.value == pytest.approx(1 - float(of.weights[0]), abs=1e-6)


def test_the_standard_error_and_the_floor_are_those_of_repetitions():
    of, even = mixture(10.0), torch.full((4,), 0.25, dtype=torch.float64)
    off = [mode_fraction_error(of, draws(of, even, 400, seed), 400, 400) for seed in range(60)]
    spread = float(torch.tensor([one.value for one in off]).std())
    assert 0.7 < spread / (sum(one.stderr for one in off) / 60) < 1.4
    exact = [mode_fraction_error(of, draws(of, None, 400, seed), 400, 400).value for seed in range(60)]
    assert sum(exact) / 60 == pytest.approx(floor(of.weights, 400), rel=0.2)
    assert sum(exact) / 60 < 0.6 * floor(of.weights, 100)


def test_fewer_effective_samples_have_a_larger_error():
    of = mixture(4.0)
    x = draws(of)
    assert mode_fraction_error(of, x, N / 4, N // 4).stderr == pytest.approx(
        2 * mode_fraction_error(of, x, N, N).stderr, rel=0.1
    )


@pytest.mark.parametrize("compared", [100, None])
def test_unequal_numbers_of_exact_samples_have_the_same_bias_if_one_number_is_compared(compared):
    of = mixture(10.0)
    means = [
        torch.tensor([mode_fraction_error(of, draws(of, None, n, s), n, compared or n).value for s in range(40)]).mean()
        for n in (100, 1600)
    ]
    alike = bool(abs(means[0] - means[1]) < 0.15 * means[0])
    assert alike == (compared is not None)
