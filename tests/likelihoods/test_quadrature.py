"""Quadrature in two dimensions against a Gaussian."""

import math

import pytest
import torch
from targets import Energy, Quadratic, generator, on_standard_normal

from ebmbench.grid import midpoints
from ebmbench.likelihoods.quadrature import Square, _frame, jittered_log_z, normalise


def gaussian(sd):
    return Energy(lambda x: 0.5 * (x / sd).square().sum(-1), 2)


def test_log_z_and_draws_of_a_gaussian():
    result = normalise(gaussian(0.5), Square(6.0, 120), 6.0, 50_000, generator())
    assert result.log_z.status == "ok"
    assert result.log_z.value == pytest.approx(math.log(2 * math.pi * 0.25), abs=1e-6)
    assert result.log_z.stderr < 1e-5
    assert float(result.samples.var(0).mean()) == pytest.approx(0.25 + 0.1**2 / 12, abs=0.004)
    assert float(result.samples.mean(0).abs().max()) < 0.01


def test_escaping_mass_is_a_failure_with_a_reason():
    log_z = normalise(gaussian(4.0), Square(6.0, 120), 6.0, 10, generator()).log_z
    assert log_z.status == "failed"
    assert "nats between boxes of half-side 6 and 9" in log_z.reason


def test_the_tolerance_is_a_hundredth_of_a_nat():
    def gap(sd):
        inside = [math.erf(box / sd / math.sqrt(2)) ** 2 for box in (6, 9)]
        return math.log(inside[1] / inside[0])

    assert gap(2.1) < 0.01 < gap(2.5)
    assert normalise(gaussian(2.1), Square(6.0, 120), 6.0, 10, generator()).log_z.status == "ok"
    assert normalise(gaussian(2.5), Square(6.0, 120), 6.0, 10, generator()).log_z.status == "failed"


def test_an_infinite_density_fails_and_does_not_raise():
    log_z = normalise(Energy(lambda x: x.sum(-1) * torch.inf, 2), Square(6.0, 30), 6.0, 10, generator()).log_z
    assert (log_z.status, log_z.reason) == ("failed", "log Z is not finite")


def test_stratified_sum_is_unbiased_for_z():
    network = Quadratic(60.0, 8.0)
    model, truth = on_standard_normal(network, 2), float(network.log_z(2).exp())
    with torch.no_grad():
        estimates = torch.stack([jittered_log_z(model, 6, generator(seed)) for seed in range(900)]).exp()
        centres = torch.special.ndtri((torch.cartesian_prod(*[torch.arange(6).double()] * 2) + 0.5) / 6)
        unjittered = float((-network(centres)).exp().mean())
    mean, stderr = float(estimates.mean()), float(estimates.std()) / 30
    assert abs(mean - truth) < 4 * stderr
    # one fixed point a cell is off by many of these errors
    assert abs(unjittered - truth) > 4 * stderr


def test_midpoints_run_over_the_first_coordinate_slowest():
    points = midpoints(1.0, 2)
    assert points.tolist() == [[-0.5, -0.5], [-0.5, 0.5], [0.5, -0.5], [0.5, 0.5]]


def test_a_wide_model_is_held_by_the_frames():
    result = normalise(gaussian(4.0), Square(6.0, 360), 24.0, 50_000, generator())
    assert result.log_z.status == "ok"
    assert result.log_z.value == pytest.approx(math.log(2 * math.pi * 16), abs=1e-4)
    assert float(result.samples.var(0).mean()) == pytest.approx(16, abs=0.3)


@pytest.mark.parametrize("outer", [6.0, 6.3, 11.0])
def test_core_and_frame_tile_the_box_once(outer):
    side = Square(6.0, 120).side
    frame = _frame(6.0, outer, side, torch.device("cpu"))
    area = 120**2 * side**2 + len(frame) * (5 * side) ** 2
    half = 6.0 if not len(frame) else float(frame.abs().max()) + 2.5 * side
    assert half >= outer - 1e-6
    assert area == pytest.approx((2 * half) ** 2, rel=1e-5)
    assert not len(frame) or float(frame.abs().amax(1).min()) > 6.0


@pytest.mark.parametrize("ratio", [0.35, 0.42, 0.6])
def test_error_covers_a_density_too_narrow_for_the_grid(ratio):
    side = Square(6.0, 120).side
    log_z = normalise(gaussian(ratio * side), Square(6.0, 120), 6.0, 10, generator()).log_z
    error = abs(log_z.value - math.log(2 * math.pi * (ratio * side) ** 2))
    assert error < 3 * log_z.stderr
    assert error > 1e-4 or ratio > 0.5
