"""When a model is evaluated while it trains."""

import numpy as np
import pytest

from ebmbench.training.checkpoint_steps import SPACINGS, even, geometric


@pytest.mark.parametrize("spacing", SPACINGS.values())
@pytest.mark.parametrize(("steps", "count"), [(6400, 20), (400, 20), (7, 20), (1, 1), (1000, 1), (999, 4)])
def test_the_last_step_is_a_checkpoint_and_all_are_steps_of_the_run(spacing, steps, count):
    found = spacing(steps, count)
    assert max(found) == steps and min(found) >= 1 and len(found) <= 2 * count


def test_even_checkpoints_are_multiples_and_the_last():
    assert sorted(even(12, 3)) == [4, 8, 12]
    assert sorted(even(11, 3)) == [3, 6, 9, 11]
    assert sorted(even(2, 5)) == [1, 2]


def test_geometric_checkpoints_have_a_constant_ratio_from_a_two_hundredth_on():
    found = np.array(sorted(geometric(64_000, 20)))
    assert len(found) == 20 and found[0] == 320
    assert found[1:] / found[:-1] == pytest.approx(200 ** (1 / 19), rel=2e-3)
