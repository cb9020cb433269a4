"""Divergences by samples against those of normal distributions in closed form."""

import math

import pytest
import torch

from ebmbench.evaluation.metrics.density_grid import why_not_normalised
from ebmbench.evaluation.metrics.density_samples import DensitySamples, reverse_kl

N, DIM = 20_000, 8


def draws(n=N, shift=0.0, sd=1.0, seed=0):
    z = torch.randn(n, DIM, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return shift + sd * z


def normal(x, shift=0.0, sd=1.0):
    return -0.5 * ((x - shift) / sd).square().sum(1) - DIM * math.log(sd * math.sqrt(2 * math.pi))


def of(shift, sd, log_z=0.0, error=0.0):
    """The distances of N(shift, sd²) from N(0, 1), given up to log Z."""
    x = draws()
    return DensitySamples(normal(x)).distances(normal(x, shift, sd) + log_z, log_z, error)


def exact_kl(shift, sd):
    """KL(N(0, I) || N(shift, sd² I))."""
    return DIM * (math.log(sd) + (1 + shift**2) / (2 * sd**2) - 0.5)


@pytest.mark.parametrize(("shift", "sd"), [(0.1, 1.0), (0.3, 1.2), (0.0, 0.9)])
def test_kl_of_normals(shift, sd):
    found = of(shift, sd, log_z=3.0)["kl"]
    assert found.n == N and 0 < found.stderr < 0.02
    assert abs(found.value - exact_kl(shift, sd)) < 4 * found.stderr
    # the divergence in the other direction, or a wrong log Z, is not it
    assert abs(of(shift, sd)["kl"].value - 0.05 - exact_kl(shift, sd)) > 3 * found.stderr


def test_tv_of_shifted_normals_is_that_of_the_normal_distribution():
    found = of(0.3, 1.0)["tv"]
    exact = math.erf(0.3 * math.sqrt(DIM) / 2 / math.sqrt(2))
    assert abs(found.value - exact) < 4 * found.stderr < 0.02
    # mass where there are no samples counts: half of the model is elsewhere
    x = draws()
    half = DensitySamples(normal(x)).distances(normal(x) - math.log(2))
    assert half["tv"].value == pytest.approx(0.5) and half["kl"].value == pytest.approx(math.log(2))


def test_mean_squared_error_of_shifted_normals():
    found = of(0.2, 1.0)["mse_log_density"]
    # log q - log p is normal with mean -s²/2 and variance s², s the distance of the means
    square = DIM * 0.2**2
    assert abs(found.value - (square + square**2 / 4)) < 4 * found.stderr < 0.05


def test_the_truth_is_at_zero_with_the_error_of_storage():
    x = draws()
    found = DensitySamples(normal(x)).distances((normal(x) + 0.5).float(), 0.5)
    for name in ("kl", "tv", "mse_log_density"):
        assert abs(found[name].value) <= found[name].stderr < 1e-5, name
    assert why_not_normalised(found["kl"]) is None


def test_the_error_of_log_z_is_in_the_error():
    plain, unsure = of(0.1, 1.0), of(0.1, 1.0, error=0.3)
    assert unsure["kl"].value == plain["kl"].value
    assert unsure["kl"].stderr == pytest.approx(math.hypot(plain["kl"].stderr, 0.3), rel=1e-3)
    assert all(unsure[name].stderr > 2 * plain[name].stderr for name in plain)


def test_the_standard_error_is_the_spread_over_repetitions():
    """Forty sets of 500 samples."""
    found = []
    for seed in range(40):
        x = draws(500, seed=seed)
        found.append(DensitySamples(normal(x)).distances(normal(x, 0.3, 1.1))["kl"])
    spread = torch.tensor([one.value for one in found]).std()
    said = sum(one.stderr for one in found) / len(found)
    assert 0.6 < float(spread) / said < 1.5


def test_too_large_a_density_is_refused_and_none_at_a_sample_is_infinite():
    x = draws()
    large = DensitySamples(normal(x)).distances(normal(x) + 0.1)["kl"]
    assert "not normalised" in why_not_normalised(large)
    log_q = normal(x)
    log_q[3] = -math.inf
    found = DensitySamples(normal(x)).distances(log_q)
    assert found["kl"].value == math.inf
    assert found["tv"].value == pytest.approx(1 / N)


def test_reverse_kl_of_normals():
    x = draws(shift=0.2, sd=0.9, seed=1)
    found = reverse_kl(normal(x, 0.2, 0.9) + 2.0, normal(x), N, 2.0)
    exact = DIM * (-math.log(0.9) + (0.9**2 + 0.2**2) / 2 - 0.5)
    assert abs(found.value - exact) < 4 * found.stderr < 0.02
    assert abs(found.value - exact_kl(0.2, 0.9)) > 4 * found.stderr
    # samples worth a quarter of their number, and an error of log Z
    quarter = reverse_kl(normal(x, 0.2, 0.9), normal(x), N / 4)
    assert quarter.stderr == pytest.approx(2 * found.stderr, rel=1e-2)
    assert reverse_kl(normal(x, 0.2, 0.9), normal(x), N, 0.0, 0.3).stderr == pytest.approx(0.3, rel=1e-2)
