"""The effect that all methods share at a seed: found where it is, left alone where it is not."""

import numpy as np
import pytest

from ebmbench.reporting.comparison.seed_effect import without_seed_effect


def test_an_effect_without_noise_is_removed_entirely():
    means, effect = np.array([[1.0], [2.0], [5.0]]), np.array([0.3, -0.5, 0.1, 0.1])
    found = without_seed_effect(means + effect)
    assert found.values == pytest.approx(np.broadcast_to(means, (3, 4)), abs=1e-12)
    assert found.variance == pytest.approx(effect.var(ddof=1))


def test_means_of_methods_with_all_seeds_do_not_move():
    generator = np.random.default_rng(0)
    values = generator.normal(size=(5, 4)) + 3 * generator.normal(size=4)
    found = without_seed_effect(values)
    assert found.values.mean(axis=1) == pytest.approx(values.mean(axis=1))
    assert np.var(found.values, axis=1).max() < np.var(values, axis=1).min()


@pytest.mark.parametrize(("methods", "seeds"), [(2, 3), (4, 3), (12, 5)])
def test_independent_runs_are_mostly_left_alone(methods, seeds):
    generator = np.random.default_rng(methods)
    spreads = np.exp(generator.normal(size=(300, methods, 1)))
    changed = [
        (without_seed_effect(values).values != values).any()
        for values in spreads * generator.normal(size=(300, methods, seeds))
    ]
    assert np.mean(changed) < 0.1


@pytest.mark.parametrize("methods", [2, 3, 8])
def test_variances_are_those_without_the_effect(methods):
    """Unbiased once divided by what was kept, and with as many degrees of freedom."""
    generator = np.random.default_rng(methods)
    squares, df = [], []
    for _ in range(300):
        values = 0.5 * generator.normal(size=(methods, 5)) + 50 * generator.normal(size=5)
        found = without_seed_effect(values)
        squares.append(np.var(found.values, axis=1, ddof=1) / found.kept)
        df.append(4 * found.kept.sum())
    assert np.mean(squares) == pytest.approx(0.25, rel=0.06)
    assert np.mean(df) == pytest.approx(4 * (methods - 1), rel=0.02)


def test_a_method_with_two_bad_seeds_only_is_corrected_for_them():
    generator = np.random.default_rng(5)
    effect = np.array([0.0, 0.0, 0.0, 3.0, 3.0])
    values = effect + 0.01 * generator.normal(size=(6, 5))
    values[0, :3] = np.nan
    found = without_seed_effect(values)
    means = np.nanmean(found.values, axis=1)
    assert abs(means[0] - means[1:].mean()) < 0.05
    # as it stands it would be worse by most of the effect
    assert np.nanmean(values, axis=1)[0] - values[1:].mean() > 1.5


def test_methods_without_a_seed_in_common_have_no_effect():
    values = np.array([[1.0, 2.0, np.nan, np.nan], [np.nan, np.nan, 5.0, 7.0]])
    found = without_seed_effect(values)
    assert np.array_equal(found.values, values, equal_nan=True) and found.variance == 0


def test_seeds_of_one_method_only_are_left_alone():
    generator = np.random.default_rng(6)
    values = np.full((3, 5), np.nan)
    values[0, :2] = [1.0, 9.0]
    values[1:, 2:] = [0.0, 5.0, -5.0] + 0.01 * generator.normal(size=(2, 3))
    found = without_seed_effect(values)
    assert found.values[0, :2].tolist() == [1.0, 9.0] and found.kept[0] == 1
    assert np.ptp(found.values[1:, 2:]) < 0.5 and found.kept[1:] == pytest.approx(0.5, abs=0.01)
