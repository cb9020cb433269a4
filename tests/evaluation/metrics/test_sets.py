"""Floors, whole sets, whole distributions, residuals and head-room against closed forms and repeated sampling."""

import math

import numpy as np
import pytest
import torch
from sklearn.covariance import LedoitWolf, ledoit_wolf_shrinkage

from ebmbench.evaluation.metrics import headroom, residuals, transport
from ebmbench.evaluation.metrics.equal_numbers import ComparedRows
from ebmbench.evaluation.metrics.headroom import Squares
from ebmbench.evaluation.metrics.mahalanobis import MahalanobisMetric, mahalanobis, shrinkage
from ebmbench.evaluation.metrics.mismatch import DRAWS, errors, mismatch, quantile, summaries
from ebmbench.evaluation.metrics.transport import ComparedStatistics
from ebmbench.inference.denoising import moved
from ebmbench.inference.exponential_tilting import InfeasibleError
from ebmbench.models.statistics.means import Means
from ebmbench.models.statistics.moments import Moments
from ebmbench.models.statistics.tails import Tails
from tests.helpers.compared import sides
from tests.helpers.targets import Energy, generator

MOMENTS = Moments().fit(torch.zeros(3, 3))


def rows(n, seed, dim=3, shift=0.0):
    """Correlated normal rows."""
    draws = torch.randn(n, dim, generator=generator(seed), dtype=torch.float64)
    return draws + 0.8 * draws[:, :1] + shift


def compared(model, test, train, values=MOMENTS.value, n_eff=None):
    found = sides(values, model, test, train, n_eff or len(model))
    each = mismatch(found)
    drawn = errors(found, each)
    return summaries(found, each, drawn, min(side.n_eff for side in found)) | mahalanobis(found, each, drawn)


@pytest.fixture(scope="module")
def matched():
    """Draws, test and train rows of one distribution, 200 times, each of another number."""
    return [compared(*(rows(n, 3 * seed + i) for i, n in enumerate((400, 300, 200)))) for seed in range(200)]


@pytest.mark.parametrize(("name", "floor"), [("mean", "floor95"), ("d2", "d2_floor95")])
def test_equal_distributions_stay_below_the_floor_in_most_cases(matched, name, floor):
    """The floor allows for train rows that err, too: of draws of the truth even fewer than 1 in 20 are above it."""
    above = np.mean([found[name].value > found[floor].value for found in matched])
    assert above < 0.05
    # of a model whose distribution is that of the train rows themselves, errors and all, one in 20
    resampled = []
    for seed in range(200):
        train = rows(200, 8000 + seed)
        draws = train[torch.randint(len(train), (400,), generator=generator(seed))]
        resampled.append(compared(draws, rows(300, 7000 + seed), train))
    above = np.mean([found[name].value > found[floor].value for found in resampled])
    assert 0.015 < above < 0.12


def test_a_difference_is_above_the_floor():
    found = compared(rows(400, 1, shift=0.4), rows(300, 2), rows(200, 3))
    assert found["mean"].value > found["floor95"].value and found["d2"].value > found["d2_floor95"].value


def test_floors_count_the_draws_by_their_worth():
    sets = rows(8000, 1), rows(6000, 2), rows(4000, 3)
    few, all_of_them = compared(*sets, n_eff=400), compared(*sets)
    expected = math.sqrt((1 / 400 + 1 / 6000 + 1 / 4000) / (1 / 8000 + 1 / 6000 + 1 / 4000))
    assert few["floor95"].value / all_of_them["floor95"].value == pytest.approx(expected, rel=0.08)


def test_draws_of_errors_do_not_hang_on_the_last_digits_of_the_rows():
    """Of rows with the identity as covariance every axis is as good as another."""
    drawn = []
    for noise in (0.0, 1e-12):
        white = [torch.linalg.qr(rows(n, n, dim=6) - rows(n, n, dim=6).mean(0)).Q for n in (400, 300, 200)]
        moved = [x * len(x) ** 0.5 + noise * rows(len(x), 7, dim=6) for x in white]
        found = sides(lambda x: x, *moved, 400)
        drawn.append(errors(found, mismatch(found)).matched)
    assert torch.allclose(*drawn, rtol=1e-8, atol=1e-9)


def test_many_statistics_err_alike_by_multipliers_and_by_their_covariance(monkeypatch):
    def drawn(seed=0):
        found = sides(MOMENTS.value, rows(400, 1), rows(300, 2), rows(200, 3), 400, seed)
        return errors(found, mismatch(found)).matched

    by_covariance = drawn()
    monkeypatch.setattr("ebmbench.evaluation.metrics.mismatch.DRAWS", 8)  # more statistics than draws
    by_multipliers = torch.cat([drawn(seed) for seed in range(200)])
    own, other = (torch.cov(part.T) for part in (by_covariance, by_multipliers))
    assert torch.allclose(own, other, atol=0.1 * float(own.diagonal().max()))
    assert not torch.allclose(own, torch.diag(other.diagonal()), atol=0.1 * float(own.diagonal().max()))


def test_a_quantile_errs_by_the_draws():
    values = torch.randn(200, DRAWS, generator=generator(), dtype=torch.float64)
    found = [quantile(row, 1) for row in values]
    assert np.mean([each.value for each in found]) == pytest.approx(1.6449, abs=0.02)
    assert np.mean([each.stderr for each in found]) == pytest.approx(np.std([each.value for each in found]), rel=0.25)


def test_the_distance_of_a_shift_is_that_of_its_normal_distribution():
    """d' C^-1 d for a shift d of N(0, C), here C = I + the ones of one coordinate."""
    shift = torch.tensor([0.5, 0.0, 0.0], dtype=torch.float64)
    test = rows(40_000, 1)
    found = compared(rows(40_000, 2) + shift, test, rows(1000, 3), Means().value)["d2"]
    exact = float(shift @ torch.linalg.solve(torch.cov(test.T), shift))
    assert found.value == pytest.approx(exact, abs=4 * found.stderr) and found.stderr < 0.1 * exact
    independent = float((shift.square() / test.var(0)).sum())
    assert exact != pytest.approx(independent, rel=0.3)


def test_the_correction_takes_off_what_sampling_adds(matched):
    distances = np.array([found["d2"].value for found in matched])
    assert abs(distances.mean()) < 3 * distances.std() / math.sqrt(len(distances))
    uncorrected = 9 * (1 / 400 + 1 / 300)
    assert uncorrected > 10 * distances.std() / math.sqrt(len(distances))


def test_fewer_rows_than_statistics_are_shrunk_and_give_a_number():
    centred = rows(6, 1, dim=9) - rows(6, 1, dim=9).mean(0)
    metric = MahalanobisMetric(centred)
    estimate = LedoitWolf(assume_centered=True).fit(centred.numpy())
    d = rows(4, 2, dim=9)
    expected = np.einsum("bi,ij,bj->b", d.numpy(), np.linalg.inv(estimate.covariance_), d.numpy())
    np.testing.assert_allclose(metric.squares(d).numpy(), expected, rtol=1e-9)


@pytest.mark.parametrize(("n", "dim"), [(5, 9), (40, 9), (2000, 9), (300, 2), (3, 1)])
def test_the_share_of_the_identity_is_scikit_learns(n, dim):
    centred = rows(n, 7, dim=dim) - rows(n, 7, dim=dim).mean(0)
    variances = torch.linalg.svdvals(centred).square() / n
    expected = ledoit_wolf_shrinkage(centred.numpy(), assume_centered=True)
    assert shrinkage(centred, variances) == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_a_distribution_with_the_right_means_is_distinguished_from_the_data():
    """N(0, 2^2) has the mean of N(0, 1); W_1 between them is E|z| = sqrt(2 / pi) sd."""
    model, test, train = 2 * rows(2000, 1, dim=1), rows(2000, 2, dim=1), rows(2000, 3, dim=1)
    sides = ComparedStatistics(
        *(ComparedRows.of(part, len(part), generator(i)) for i, part in enumerate((model, test, train)))
    )
    each, found = transport.transport(sides, 500)
    assert found["w1"].value == pytest.approx(math.sqrt(2 / math.pi), abs=4 * found["w1"].stderr)
    assert float(each.mean()) == pytest.approx(found["w1"].value)
    assert found["w1_floor"].value < 0.1 * found["w1"].value
    assert compared(model, test, train, Means().value)["mean"].value < 0.1


def test_statistics_are_at_rest_under_the_score_of_their_own_distribution():
    test, everything = rows(4000, 5), torch.arange(9)
    mixing = torch.eye(3, dtype=torch.float64)
    mixing[:, 0] += 0.8
    precision = torch.linalg.inv(mixing @ mixing.T)
    found = residuals.stein(MOMENTS, test, -test @ precision, everything)
    assert float((found.value / found.stderr).abs().max()) < 4
    # a score that is a fifth too weak is seen: E[s . grad |x|^2 / 2] = -.8 D
    weak = residuals.stein(MOMENTS, test, -0.8 * test @ precision, everything)
    assert float((weak.value / weak.stderr).abs().max()) > 8
    assert weak.mean.value > found.mean.value + 4 * weak.mean.stderr


def test_a_residual_is_its_definition():
    test, score = rows(50, 1), rows(50, 2)
    found = residuals.stein(MOMENTS, test, score, torch.tensor([1, 4]))
    gradient, laplacian = MOMENTS.gradient(test), MOMENTS.laplacian(test)
    terms = ((gradient * score[:, None]).sum(2) + laplacian) / gradient.square().sum(2).mean(0).sqrt()
    torch.testing.assert_close(found.value, terms.mean(0)[[1, 4]])
    torch.testing.assert_close(found.stderr, terms.std(0)[[1, 4]] / math.sqrt(50))


@pytest.mark.parametrize("copies", [1, 4, 32])
def test_one_step_of_the_kernel_leaves_the_models_distribution_alone(copies):
    model, statistic = Energy(lambda x: 0.5 * x.square().sum(1) / 0.49, 2), Moments().fit(torch.zeros(3, 2))
    x = 0.7 * torch.randn(20_000, 2, generator=generator(1), dtype=torch.float64)

    def step(rows):
        after = moved(model, rows, 0.5, copies, generator(2))
        found = residuals.kernel(statistic.value(rows), statistic.value(after), torch.ones(5).double())
        return found, float((after - rows).abs().max())

    found, farthest = step(x)
    assert float((found.value / found.stderr).abs().max()) < 4 and farthest > 0.1
    # rows of another distribution are moved towards the model's
    found, _ = step(2 * x)
    assert float((found.value / found.stderr).min()) < -10


def squares(n=90, half=6.0):
    axis = half * ((2 * torch.arange(n, dtype=torch.float64) + 1) / n - 1)
    points = torch.cartesian_prod(axis, axis)
    return points, -0.5 * points.square().sum(1)


def test_headroom_of_a_shifted_and_narrowed_normal_is_its_divergence():
    points, log_q = squares()
    log_p = -0.5 * ((points[:, 0] - 0.6).square() / 0.5 + points[:, 1].square())
    found = headroom.on_grid(Squares(Moments().fit(points).value(points), log_p, log_q))
    exact = 0.5 * (0.5 + 0.36 - 1 - math.log(0.5))
    assert found.value == pytest.approx(exact, abs=1e-6) and found.stderr < 1e-3
    # means alone see the shift, not the width
    means = headroom.on_grid(Squares(points, log_p, log_q))
    assert means.value == pytest.approx(0.18, abs=1e-6)


def test_headroom_of_draws_is_what_test_rows_gain():
    model = torch.randn(20_000, 1, generator=generator(1), dtype=torch.float64)
    train, test = (torch.randn(5000, 1, generator=generator(s), dtype=torch.float64) + 0.5 for s in (2, 3))
    found = headroom.of_draws(model, len(model), train, test)
    assert found.value == pytest.approx(0.125, abs=4 * found.stderr) and found.stderr < 0.02
    # draws worth a hundredth leave more doubt
    assert headroom.of_draws(model, 200, train, test).stderr > 2 * found.stderr
    # test rows where the train rows are not: the tilt does harm
    assert headroom.of_draws(model, len(model), train, test - 1.0).value < -0.2


def test_means_that_draws_cannot_have_are_an_error():
    tails = Tails().fit(rows(500, 1))
    model = tails.value(0.01 * rows(400, 2))
    with pytest.raises(InfeasibleError):
        headroom.of_draws(model, 400, tails.value(rows(300, 3)), tails.value(rows(300, 4)))
