"""What losses see of a mixture's weight: known curvatures and gaps, and the errors of the estimates."""

import pytest
import torch

from ebmbench.experiments import mixture
from ebmbench.experiments.mixture import LineMixture
from ebmbench.experiments.nearsightedness import Nearsightedness, weight_grid
from tests.helpers.targets import generator

TRUTH = LineMixture()


def losses(weights):
    return {
        "likelihood": mixture.expected_nll(TRUTH, weights),
        "fisher": mixture.fisher_divergence(TRUTH, weights),
        **{t: mixture.energy_discrepancy(TRUTH, weights, t) for t in (1.0, 2.0, 4.0, 8.0, 32.0, 128.0)},
    }


@pytest.mark.parametrize(
    ("name", "curvature"),
    [("likelihood", 6.25), (128.0, 5.490), (8.0, 1.054), (1.0, 4.8e-3), ("fisher", 8.95e-5)],
)
def test_curvature_at_the_truth(name, curvature):
    step = 1e-3
    below, at, above = losses(torch.tensor([0.2 - step, 0.2, 0.2 + step], dtype=torch.float64))[name]
    assert float(below - 2 * at + above) / step**2 == pytest.approx(curvature, rel=0.01)


@pytest.mark.parametrize(
    ("name", "gap"),
    [("likelihood", 0.1927), (32.0, 0.1051), (8.0, 0.0282), (4.0, 0.00765), (2.0, 0.00119), (1.0, 1.25e-4)],
)
def test_gap_between_an_equal_weight_and_the_truth(name, gap):
    truth, equal = losses(torch.tensor([0.2, 0.5], dtype=torch.float64))[name]
    assert float(equal - truth) == pytest.approx(gap, rel=0.01)


def test_score_matching_is_blind_but_not_exactly():
    # a curve that is zero, as when both energies share one object, would be seen
    curve = mixture.fisher_divergence(TRUTH, torch.tensor([0.5, 0.98], dtype=torch.float64))
    assert curve.tolist() == pytest.approx([2.3e-6, 5.4e-5], rel=0.03)
    assert bool((curve > 0).all() and (curve < 1e-4).all())


def test_every_exact_curve_has_its_least_value_at_the_truth():
    for curve in losses(weight_grid()).values():
        assert float(weight_grid()[curve.argmin()]) == pytest.approx(0.2)


def test_the_score_is_the_derivative_of_the_log_density():
    x = torch.linspace(-8, 8, 101, dtype=torch.float64, requires_grad=True)
    weights = torch.tensor([0.3], dtype=torch.float64)
    slope = torch.autograd.grad(mixture.log_density(x, weights, 5.0).sum(), x)[0]
    assert torch.allclose(mixture.score(x.detach(), weights, 5.0)[0], slope, atol=1e-10)


def test_estimated_curves_follow_the_exact_ones():
    x = TRUTH.sample(20_000, generator(1))
    found = mixture.shifted(Nearsightedness(M=16)._estimated(x, 8.0, generator(2)))
    inner = (weight_grid() > 0.1) & (weight_grid() < 0.5)

    def distance(t):
        return float((mixture.shifted(mixture.energy_discrepancy(TRUTH, weight_grid(), t)) - found)[inner].abs().max())

    assert distance(8.0) < 0.01
    # t as a standard deviation, a fault of public code, would be seen
    assert distance(64.0) > 0.03


def test_errors_fall_with_t_to_the_floor_of_maximum_likelihood():
    errors = Nearsightedness(sample=512, repetitions=12)._errors(generator(2)).set_index(["loss", "t"])["mse"]
    assert errors["ed", 1.0] > 10 * errors["ed", 8.0]
    assert errors["ed", 32.0] < 0.005
    # theory: r (1 - r) / N, and the grid's step
    assert errors["likelihood", 0.0] == pytest.approx(0.2 * 0.8 / 512, rel=0.9)


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match="repetitions = 1; allowed: 2 or more"):
        Nearsightedness(repetitions=1)
