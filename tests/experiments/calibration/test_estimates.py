"""Monte-Carlo errors that count correlation."""

import math

import pytest
import torch

from ebmbench.experiments.calibration.estimates import over_chains, over_populations
from tests.helpers.targets import generator


def autoregressive(n, chains, rho):
    noise = torch.randn(n, chains, generator=generator(), dtype=torch.float64)
    x = [noise[0]]
    for row in noise[1:]:
        x.append(rho * x[-1] + math.sqrt(1 - rho**2) * row)
    return torch.stack(x)


def test_error_of_an_autoregressive_mean_is_its_closed_form():
    n, chains, rho = 1000, 400, 0.9
    values = autoregressive(n, chains, rho)
    lags = torch.arange(1, n, dtype=torch.float64)
    variance = (1 + 2 * float(((1 - lags / n) * rho**lags).sum())) / n
    found = over_chains(values)
    assert found.value == pytest.approx(float(values.mean()))
    assert found.stderr == pytest.approx(math.sqrt(variance / chains), rel=0.12)
    # as if the draws were independent
    assert float(values.std()) / math.sqrt(values.numel()) < 0.3 * found.stderr


def test_chains_that_never_move_have_the_error_of_their_starts():
    starts = torch.randn(100, generator=generator(), dtype=torch.float64)
    found = over_chains(starts.expand(500, 100))
    assert found.stderr == pytest.approx(float(starts.std()) / 10)


def populations(stream, count=64, particles=100):
    """Draws of N(0, 1) weighted to N(.5, 1): E x = .5."""
    x = torch.randn(count, particles, generator=stream, dtype=torch.float64)
    log_weights = 0.5 * x - 0.125
    return x, log_weights, log_weights.logsumexp(1) - math.log(particles)


def test_weighted_mean_is_that_of_all_particles_pooled():
    x, log_weights, log_z = populations(generator())
    pooled = float((log_weights.flatten().softmax(0) * x.flatten()).sum())
    assert over_populations(x, log_weights, log_z).value == pytest.approx(pooled, abs=1e-12)
    assert over_populations(x, log_weights, torch.zeros(64)).value != pytest.approx(pooled, abs=1e-6)


def test_its_error_is_that_of_repetitions():
    stream = generator()
    found = [over_populations(*populations(stream)) for _ in range(300)]
    deviates = torch.tensor([(one.value - 0.5) / one.stderr for one in found])
    assert abs(float(deviates.mean())) < 0.2
    assert 0.85 < float(deviates.std()) < 1.15
