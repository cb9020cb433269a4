"""Distances over pairs against enumeration and closed forms of normal distributions."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.spatial.distance import cdist, pdist

from ebmbench.evaluation.metrics import two_sample as module
from ebmbench.evaluation.metrics.two_sample import Ground, bandwidth, mmd, some, subsets


def draws(n, seed, dim=2, mean=0.0, sd=1.0):
    return mean + sd * torch.randn(n, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def mean_absolute_normal(mean, sd):
    return sd * math.sqrt(2 / math.pi) * math.exp(-0.5 * (mean / sd) ** 2) + mean * (1 - 2 * stats.norm.cdf(-mean / sd))


def kernel_mean(width, variance, shift, dim):
    total = width**2 + variance
    return (width**2 / total) ** (dim / 2) * math.exp(-0.5 * shift**2 / total)


def test_both_are_the_means_over_pairs_of_different_rows(monkeypatch):
    monkeypatch.setattr(module, "ROWS", 7)
    x, y = draws(20, 1), draws(31, 2, mean=0.5)
    found = Ground(y).distances(x)
    energy = 2 * cdist(x, y).mean() - pdist(x).mean() - pdist(y).mean()
    assert found["energy_distance"].value == pytest.approx(energy, abs=1e-9)
    with_itself = 2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean()
    assert found["energy_distance"].value != pytest.approx(with_itself, abs=1e-3)

    def kernel(distance):
        return np.exp(-(distance**2) / (2 * bandwidth(y) ** 2)).mean()

    mmd2 = kernel(pdist(x)) + kernel(pdist(y)) - 2 * kernel(cdist(x, y))
    assert found["mmd2"].value == pytest.approx(mmd2, abs=1e-9)
    assert found["mmd2"].n == 20


def test_energy_distance_of_two_normals():
    x, y = draws(3000, 1, dim=1), draws(3000, 2, dim=1, mean=0.5, sd=1.5)
    found = Ground(y).distances(x)["energy_distance"]
    across = mean_absolute_normal(0.5, math.sqrt(1 + 1.5**2))
    exact = 2 * across - 2 / math.sqrt(math.pi) - 2 * 1.5 / math.sqrt(math.pi)
    assert abs(found.value - exact) < 4 * found.stderr
    assert abs(found.value - exact / 2) > 4 * found.stderr  # the definition without the factor of two


def test_mmd2_of_two_normals_in_two_dimensions():
    x, y = draws(3000, 1), draws(3000, 2, mean=0.4, sd=1.2)
    found, width = Ground(y).distances(x)["mmd2"], bandwidth(y)
    shift = 0.4 * math.sqrt(2)
    exact = kernel_mean(width, 2, 0, 2) + kernel_mean(width, 2 * 1.44, 0, 2) - 2 * kernel_mean(width, 2.44, shift, 2)
    assert abs(found.value - exact) < 4 * found.stderr
    assert abs(found.value - math.sqrt(exact)) > 4 * found.stderr  # MMD for its square


def test_bandwidth_is_the_median_distance_of_the_test_rows():
    y = draws(11, 3)
    assert bandwidth(y) == pytest.approx(np.median(pdist(y)))
    assert bandwidth(y) != pytest.approx(np.median(cdist(y, y)))


@pytest.fixture(scope="module", params=[0.0, 1.0])
def pairs_of_sets(request):
    """200 pairs of sets from standard normals in the plane, ``shift`` apart."""
    shift = request.param
    offset = shift / math.sqrt(2)
    return shift, [(draws(100, 2 * seed), draws(100, 2 * seed + 1, mean=offset)) for seed in range(200)]


@pytest.mark.parametrize("name", module.NAMES)
def test_stderr_covers_whether_or_not_the_distributions_are_equal(pairs_of_sets, name, monkeypatch):
    shift, pairs = pairs_of_sets

    def errors_and_z():
        found = [Ground(y).distances(x)[name] for x, y in pairs]
        exact = [exact_distance(name, shift, bandwidth(y)) for _, y in pairs]
        errors = np.array([estimate.value for estimate in found]) - exact
        return errors, errors / [estimate.stderr for estimate in found]

    errors, z = errors_and_z()
    assert abs(errors.mean()) < 4 * errors.std() / math.sqrt(len(pairs))
    assert 0.5 < z.std() < 1.2 and z.min() > -4.5
    if shift == 0:
        assert z.min() > -2
        monkeypatch.setattr(module, "_unexplained", lambda *_: 0.0)
        assert errors_and_z()[1].min() < -3  # the linear part alone may vanish by chance
    else:
        assert z.std() > 0.9 and not z.std() / 2 > 0.9  # doubled errors would not pass


def exact_distance(name, shift, width):
    """Two standard normals in the plane, ``shift`` apart."""
    if name == "mmd2":
        return 2 * kernel_mean(width, 2, 0, 2) - 2 * kernel_mean(width, 2, shift, 2)
    rice = stats.rice(shift / math.sqrt(2), scale=math.sqrt(2)).mean()
    return 2 * rice - 2 * math.sqrt(math.pi)


def test_subsets_share_the_test_rows_and_respect_n_eff():
    test = draws(50, 1)
    few, rows = subsets(draws(80, 2), test, 12.7, torch.Generator().manual_seed(3), points=20)
    many, same = subsets(draws(90, 4), test, 90.0, torch.Generator().manual_seed(3), points=20)
    assert torch.equal(rows, some(test, torch.Generator().manual_seed(3), points=20))
    assert (len(few), len(many), len(rows)) == (12, 20, 20)
    assert torch.equal(rows, same)
    assert len({tuple(row) for row in rows.tolist()}) == 20


def test_three_rows_are_too_few():
    assert all(math.isnan(found.value) for found in Ground(draws(9, 2)).distances(draws(3, 1)).values())


def test_mmd_of_two_sets_is_the_root_of_the_mean_over_all_pairs():
    x, y = draws(20, 1), draws(31, 2, mean=0.5)

    def kernel(a, b):
        return np.exp(-(cdist(a, b) ** 2) / (2 * 0.3**2)).mean()

    squared = kernel(x, x) + kernel(y, y) - 2 * kernel(x, y)
    assert mmd(x, y, 0.3) == pytest.approx(math.sqrt(squared), abs=1e-9)
    assert mmd(x.float(), y.float(), 0.3) == pytest.approx(math.sqrt(squared), abs=1e-5)
    assert mmd(x, x, 0.3) == 0.0


def test_mmd_of_equal_distributions_is_above_zero_by_the_root_of_the_number_of_rows():
    x, y, width = draws(2000, 3), draws(1000, 4), 0.5
    expected = math.sqrt((1 - kernel_mean(width, 2, 0, 2)) * (1 / 2000 + 1 / 1000))
    assert mmd(x, y, width) == pytest.approx(expected, rel=0.1)
    away = draws(1000, 5, mean=0.4)
    shift = 2 * kernel_mean(width, 2, 0, 2) - 2 * kernel_mean(width, 2, 0.4 * math.sqrt(2), 2)
    assert mmd(x, away, width) == pytest.approx(math.sqrt(shift + expected**2), rel=0.1)
    assert mmd(x, away, width) > 2 * mmd(x, y, width)
