"""Two modes on a line, and how models are judged there."""

import math

import pytest
import torch

from ebmbench.experiments.known_energy import KnownEnergy
from ebmbench.experiments.two_modes import TwoModes, judged, problem_of
from ebmbench.models.distributions.normal import fitted
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.statistics.modes import Modes
from ebmbench.models.statistics.none import NoStatistic
from tests.helpers.targets import Quadratic, generator


def test_the_density_is_that_of_the_draws():
    truth = TwoModes(6.0, weight=0.3)
    x = torch.linspace(-truth.box, truth.box, 4001, dtype=torch.float64)[:, None]
    mass = truth.log_prob(x).exp() * (x[1] - x[0])
    draws = truth.sample(200_000, generator(1)).double()
    assert float(mass.sum()) == pytest.approx(1, abs=1e-9)
    assert float(mass[x[:, 0] > 0].sum()) == pytest.approx(0.3, abs=2e-3)
    for power in (1, 2, 3):
        expected = float((mass * x[:, 0] ** power).sum())
        assert float((draws**power).mean()) == pytest.approx(expected, abs=0.02)
    # half the gap is 1.5, the standard deviation of a mode .5: mean (2 r - 1) a, second moment a^2 + s^2
    assert float((mass * x[:, 0]).sum()) == pytest.approx(-0.4 * 1.5, abs=1e-6)
    assert float((mass * x[:, 0].square()).sum()) == pytest.approx(1.5**2 + 0.5**2, abs=1e-6)


def found(truth, distribution):
    """A model whose distribution is ``distribution``, judged against ``truth``, with an indicator of the modes."""
    rows = truth.sample(2000, generator(2))
    base = fitted(rows, 1.5)
    model = Tilted(base, KnownEnergy(distribution.log_prob, base), NoStatistic(), rows)
    return judged(truth, problem_of(truth, model, rows), Modes(count=2).fit(rows))


def test_the_truth_has_no_error():
    truth = TwoModes(12.0)
    assert found(truth, truth)[:2] == ("ok", "")
    assert found(truth, truth)[2:] == pytest.approx((0.2, 0.0, 0.0), abs=1e-6)


def test_a_wrong_weight_is_reported_in_nats_and_standard_deviations():
    truth, other = TwoModes(12.0), TwoModes(12.0, weight=0.5)
    kl = 0.8 * math.log(0.8 / 0.5) + 0.2 * math.log(0.2 / 0.5)
    assert found(truth, other)[2:] == pytest.approx((0.5, kl, 0.3 / 0.4), abs=1e-5)


def test_mass_that_escapes_is_a_status():
    truth = TwoModes(6.0)
    rows = truth.sample(500, generator(2))
    model = Tilted(fitted(rows, 1.5), Quadratic(0.0, 25.0), NoStatistic(), rows)
    result = judged(truth, problem_of(truth, model, rows), Modes(count=2).fit(rows))
    assert result.status == "failed" and "between boxes" in result.reason
    assert math.isnan(result.weight) and math.isnan(result.kl)
