"""Quadrature in one and two dimensions against Gaussians and mixtures."""

import math

import pytest
import torch

from ebmbench.core.midpoints import midpoints
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.likelihoods.quadrature import Core, Quadrature, _frame, over_two_boxes, reach_of
from ebmbench.inference.likelihoods.stratified import jittered_log_z
from ebmbench.models.distributions.normal import Normal
from tests.helpers.targets import Energy, Quadratic, TwoModes, generator, on_standard_normal

CORE = Core(6.0, 120)


def gaussian(sd, dim=2):
    return Energy(lambda x: 0.5 * (x.double() / sd).square().sum(-1), dim)


def summed(model, reach=6.0, draws=10, core=CORE):
    return over_two_boxes(model, core, reach, draws, generator())


def log_constant(sd, dim=2):
    """log of the integral of exp(-|x|^2 / 2 sd^2)."""
    return 0.5 * dim * math.log(2 * math.pi * sd**2)


@pytest.mark.parametrize("dim", [1, 2])
def test_log_z_and_draws_of_a_gaussian(dim):
    result = summed(gaussian(0.5, dim), draws=50_000)
    assert result.log_z.status == "ok"
    assert result.log_z.value == pytest.approx(log_constant(0.5, dim), abs=1e-6)
    assert result.log_z.value != pytest.approx(log_constant(0.5001, dim), abs=1e-6)
    assert result.log_z.stderr < 1e-5
    assert result.n_eff == len(result.samples) == 50_000
    variance = 0.25 + CORE.side**2 / 12
    assert float(result.samples.var(0).mean()) == pytest.approx(variance, abs=3 * variance * math.sqrt(2 / 50_000))
    assert float(result.samples.mean(0).abs().max()) < 3 * math.sqrt(variance / 50_000)


@pytest.mark.parametrize("dim", [1, 2])
def test_a_mixture_and_its_mode_weights(dim):
    modes = TwoModes(dim)
    problem = Problem(on_standard_normal(modes, dim), torch.zeros(1, dim), box=3.0)
    result = Quadrature(180).normalise(problem, 20_000, generator())
    assert Quadrature().applies(problem)
    assert (result.log_z.status, result.log_z.method) == ("ok", "quadrature")
    assert abs(result.log_z.value) < 1e-5
    left = float((result.samples[:, 0] < 0).double().mean())
    error = math.sqrt(0.3 * 0.7 / 20_000)
    assert abs(left - 0.3) < 3 * error
    assert abs(left - 0.5) > 30 * error


@pytest.mark.parametrize("dim", [1, 2])
def test_the_closed_form_of_a_tilt(dim):
    network = Quadratic(1.5, 0.8)
    problem = Problem(on_standard_normal(network, dim), torch.zeros(1, dim), box=2.0)
    log_z = Quadrature().normalise(problem, 10, generator()).log_z
    assert log_z.value == pytest.approx(float(network.log_z(dim).detach()), abs=1e-4)
    assert abs(log_z.diagnostics["log_z_other_box"] - log_z.value) < 1e-4


def test_it_applies_where_a_box_is_known_in_one_or_two_dimensions():
    problems = [Problem(on_standard_normal(Quadratic(1.0, 0.0), d), torch.zeros(1, d), 3.0) for d in (1, 2, 3)]
    assert [Quadrature().applies(problem) for problem in problems] == [True, True, False]
    assert not Quadrature().applies(problems[0]._replace(box=None))
    with pytest.raises(ValueError, match="multiple of 30"):
        Quadrature(100)


def test_the_box_holds_the_base_measure():
    covariance = torch.tensor([[4.0, 1.0], [1.0, 1.0]], dtype=torch.float64)
    base = Normal(torch.tensor([-3.0, 1.0], dtype=torch.float64), covariance)
    assert reach_of(base) == pytest.approx(3 + 5 * 2, abs=1e-9)


@pytest.mark.parametrize("dim", [1, 2])
def test_escaping_mass_is_a_failure_with_a_reason(dim):
    log_z = summed(gaussian(4.0, dim)).log_z
    assert log_z.status == "failed"
    assert "nats between boxes of half-side 6 and 9" in log_z.reason
    # the same model in a box that holds it
    assert summed(gaussian(4.0, dim), reach=24.0).log_z.status == "ok"


def test_the_tolerance_is_a_hundredth_of_a_nat():
    def gap(sd):
        inside = [math.erf(box / sd / math.sqrt(2)) ** 2 for box in (6, 9)]
        return math.log(inside[1] / inside[0])

    assert 0.009 < gap(2.126) < 0.01 < gap(2.15) < 0.011
    assert summed(gaussian(2.126)).log_z.status == "ok"
    assert summed(gaussian(2.15)).log_z.status == "failed"


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_a_density_that_is_not_finite_fails_and_does_not_raise(value):
    result = summed(Energy(lambda x: x.sum(-1) * value, 2), core=Core(6.0, 30))
    assert (result.log_z.status, result.log_z.reason) == ("failed", "log Z is not finite")
    assert len(result.samples) == 0


def test_stratified_sum_is_unbiased_for_z():
    network = Quadratic(60.0, 8.0)
    model, truth = on_standard_normal(network, 2), float(network.log_z(2).detach().exp())
    with torch.no_grad():
        estimates = torch.stack([jittered_log_z(model, 6, generator(seed)) for seed in range(900)]).exp()
        centres = torch.special.ndtri((torch.cartesian_prod(*[torch.arange(6).double()] * 2) + 0.5) / 6)
        unjittered = float((-network(centres)).exp().mean())
    mean, stderr = float(estimates.mean()), float(estimates.std()) / 30
    assert abs(mean - truth) < 3 * stderr
    # one fixed point a cell is off by many of these errors
    assert abs(unjittered - truth) > 4 * stderr


def test_midpoints_run_over_the_first_coordinate_slowest():
    points = midpoints(1.0, 2)
    assert points.tolist() == [[-0.5, -0.5], [-0.5, 0.5], [0.5, -0.5], [0.5, 0.5]]
    assert midpoints(1.0, 2, dim=1).tolist() == [[-0.5], [0.5]]


def test_a_wide_model_is_held_by_the_frames():
    result = summed(gaussian(4.0), 24.0, 50_000, Core(6.0, 360))
    assert result.log_z.status == "ok"
    assert result.log_z.value == pytest.approx(log_constant(4.0), abs=1e-4)
    assert float(result.samples.var(0).mean()) == pytest.approx(16, abs=3 * 16 * math.sqrt(1 / 50_000))


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("outer", [6.0, 6.3, 11.0])
def test_core_and_frame_tile_the_box_once(outer, dim):
    frame = _frame(6.0, outer, CORE.side, torch.device("cpu"), dim)
    volume = (120 * CORE.side) ** dim + len(frame) * (5 * CORE.side) ** dim
    half = 6.0 if not len(frame) else float(frame.abs().max()) + 2.5 * CORE.side
    assert half >= outer - 1e-6
    assert volume == pytest.approx((2 * half) ** dim, rel=1e-5)
    assert not len(frame) or float(frame.abs().amax(1).min()) > 6.0


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("ratio", [0.35, 0.42, 0.6])
def test_error_covers_a_density_too_narrow_for_the_grid(ratio, dim):
    log_z = summed(gaussian(ratio * CORE.side, dim)).log_z
    error = abs(log_z.value - log_constant(ratio * CORE.side, dim))
    assert error < 3 * log_z.stderr
    assert error > 1e-4 or ratio > 0.5
