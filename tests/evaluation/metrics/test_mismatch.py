"""Statistic mismatch against direct computation, floors, and repeated sampling."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import foldnorm

from ebmbench.evaluation.metrics.mismatch import SUMMARIES, errors, mismatch, summaries
from ebmbench.models.blocks import ROWS
from ebmbench.models.statistics.moments import Moments
from ebmbench.models.statistics.none import NoStatistic
from tests.helpers.compared import sides

MOMENTS = Moments().fit(torch.zeros(3, 3))


def rows(n, seed, dim=3, shift=0.0):
    """Correlated normal rows."""
    draws = torch.randn(n, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return draws + 0.8 * draws[:, :1] + shift


def summarised(model, test, train, n_eff=None, size=None):
    values = Moments().fit(train).value
    found = sides(values, model, test, train, n_eff or len(model))
    each = mismatch(found)
    return each, summaries(found, each, errors(found, each), size or min(n_eff or len(model), len(test), len(train)))


def test_every_statistic_is_compared_as_defined():
    model, test, train = rows(ROWS + 300, 1, shift=0.1), rows(700, 2), rows(ROWS, 3)
    each, found = summarised(model, test, train, n_eff=100)
    m, t, r = (MOMENTS.value(x).numpy() for x in (model, test, train))
    sd = t.std(0, ddof=1)
    difference = (m.mean(0) - t.mean(0)) / sd
    stderr = np.sqrt(m.var(0, ddof=1) / 100 + t.var(0, ddof=1) / 700) / sd
    expected = {
        "mean_model": m.mean(0),
        "mean_test": t.mean(0),
        "sd_test": sd,
        "sae": abs(difference),
        "stderr": stderr,
        "z": difference / stderr,
        "floor": abs(r.mean(0) - t.mean(0)) / sd,
    }
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(each, name), values, rtol=1e-9, atol=1e-12, err_msg=name)
    assert not np.allclose(each.stderr, np.sqrt(m.var(0) / len(m) + t.var(0) / 700) / sd)  # n_eff ignored
    # the summaries are those of 100 rows on each side: errors that 700 test rows lack are added
    lacking = np.sqrt(t.var(0, ddof=1) * (1 / 100 - 1 / 700)) / sd
    size_stderr = np.sqrt((m.var(0, ddof=1) + t.var(0, ddof=1)) / 100) / sd
    covariance = np.cov(t.T) * (1 / 100 - 1 / 700) / np.outer(sd, sd)
    moved = difference + np.random.default_rng(0).multivariate_normal(np.zeros(len(sd)), covariance, 20_000)
    simulated = {"mean": abs(moved).mean(), "max": abs(moved).max(1).mean(), "rms": np.sqrt((moved**2).mean(1)).mean()}
    simulated["fraction"] = (abs(moved) > 2 * size_stderr).mean()
    plain = {"mean": abs(difference).mean(), "max": abs(difference).max(), "rms": np.sqrt((difference**2).mean())}
    for name, value in simulated.items():
        assert found[name].value == pytest.approx(value, rel=0.02, abs=0.003), name
        assert name == "fraction" or found[name].value > 1.05 * plain[name]
    assert found["mean"].value == pytest.approx(foldnorm(abs(difference) / lacking, scale=lacking).mean().mean())
    # train rows in place of the model's, as many
    both = np.sqrt(lacking**2 + r.var(0, ddof=1) * (1 / 100 - 1 / len(r)) / sd**2)
    assert found["floor"].value == pytest.approx(foldnorm(expected["floor"] / both, scale=both).mean().mean())
    assert (found["mean"].n, found["floor"].n) == (100, 100)


def test_as_many_rows_as_are_compared_give_the_plain_summaries():
    each, found = summarised(rows(300, 1, shift=0.1), rows(300, 2), rows(300, 3))
    difference = each.sae
    assert found["mean"].value == pytest.approx(float(difference.mean()))
    assert found["max"].value == pytest.approx(float(difference.max()))
    assert found["rms"].value == pytest.approx(float(difference.square().mean().sqrt()))
    assert found["fraction"].value == pytest.approx(float((each.z.abs() > 2).double().mean()))
    assert found["floor"].value == pytest.approx(float(each.floor.mean()))


def test_models_with_other_numbers_of_rows_have_the_same_bias():
    """One distribution, 120 rows of one model and 2,000 of another: equal in expectation, but not as they stand."""
    found = {
        n: [summarised(rows(n, 2 * s), rows(500, 2 * s + 1), rows(500, 1), size=100) for s in range(40)]
        for n in (120, 2000)
    }
    for name in ("mean", "max", "rms", "fraction"):
        few, many = (np.array([one[name].value for _, one in found[n]]) for n in (120, 2000))
        assert abs(few.mean() - many.mean()) < 3 * math.hypot(few.std(), many.std()) / math.sqrt(40), name
    few, many = (np.array([float(each.sae.mean()) for each, _ in found[n]]) for n in (120, 2000))
    assert few.mean() - many.mean() > 6 * math.hypot(few.std(), many.std()) / math.sqrt(40)


def test_a_statistic_that_does_not_vary_over_the_test_rows_is_left_out():
    test = rows(200, 1)
    test[:, 1] = 0.5
    each, found = summarised(rows(200, 2), test, rows(200, 3))
    names = [MOMENTS.names(3)[index] for index in each.kept]
    assert "x1" not in names and "x1*x1" not in names
    assert len(names) == MOMENTS.size(3) - 2
    assert all(math.isfinite(estimate.value) for estimate in found.values())


def test_without_statistics_there_is_no_number():
    found = sides(NoStatistic().value, *(rows(20, seed) for seed in (1, 2, 3)), 20)
    each = mismatch(found)
    summary = summaries(found, each, errors(found, each), 20)
    assert tuple(summary) == SUMMARIES
    assert all(math.isnan(estimate.value) for estimate in summary.values())


def test_the_floor_of_equal_distributions_is_that_of_normal_errors():
    """E sae = sqrt(2/pi) sqrt(1/n_a + 1/n_b)."""
    pool = rows(3000, 5, dim=12)
    each, found = summarised(pool[:1000], pool[1000:2000], pool[2000:])
    expected = math.sqrt(2 / math.pi) * math.sqrt(2 / 1000)
    floors = [found["floor"].value, found["mean"].value]
    for seed in range(6, 12):
        pool = rows(2000, seed, dim=12)
        floors.append(float(summarised(pool[:1000], pool[1000:], pool[:1000])[0].floor.mean()))
    assert np.mean(floors) == pytest.approx(expected, rel=0.1)
    assert np.mean(floors) != pytest.approx(expected * math.sqrt(math.pi / 2), rel=0.1)  # rms for mean
    assert float((each.z.abs() > 2).double().mean()) < 0.3


@pytest.fixture(scope="module")
def repeated():
    """(true differences, found) 300 times: normal means of 1.2 against 1, in each x_i and in the products."""
    truth = np.array([0.2] * 3 + [1.2**2 - 1] * 6)
    out = []
    for seed in range(300):
        model, test = rows(300, 2 * seed, shift=1.2), rows(300, 2 * seed + 1, shift=1.0)
        each, found = summarised(model, test, test)
        out.append((truth / each.sd_test.numpy(), each, found))
    return out


def sizes(estimates, errors):
    """Root mean square of the claimed standard errors over the spread of the actual errors."""
    return math.sqrt(np.mean(np.square(estimates))) / np.std(errors)


@pytest.mark.parametrize("name", ["mean", "rms"])
def test_delta_stderr_has_the_size_of_the_spread(repeated, name):
    power = {"mean": 1, "rms": 2}[name]
    errors = [found[name].value - (truth**power).mean() ** (1 / power) for truth, _, found in repeated]
    assert 0.85 < sizes([found[name].stderr for _, _, found in repeated], errors) < 1.15
    as_if_independent = [float(each.stderr.square().sum().sqrt()) / 9 for _, each, _ in repeated]
    assert not 0.85 < sizes(as_if_independent, errors) < 1.15


@pytest.mark.parametrize("name", ["max", "fraction"])
def test_bootstrap_stderr_has_the_size_of_the_spread(repeated, name):
    values = np.array([found[name].value for _, _, found in repeated])
    assert 0.75 < sizes([found[name].stderr for _, _, found in repeated], values) < 1.3
    wrong = {
        "fraction": np.sqrt(values * (1 - values) / 9),  # binomial, as if the statistics were independent
        "max": [float(each.stderr.min()) / 3 for _, each, _ in repeated],  # as if the maximum were a mean
    }
    assert not 0.75 < sizes(wrong[name], values) < 1.3
