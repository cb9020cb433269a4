"""What fits into the rest of the time after the first run."""

import pytest

from ebmbench.workflow.choose.time_plan import FIRST, MOST_STEPS, MOST_TRIALS, PLANNED, SEARCH, Pilot, longer_run


def duration(pilot, size):
    trials = pilot.seconds / pilot.seeds * size.trials if size.trials > 1 else 0.0
    return trials + pilot.seconds * (1 - pilot.fraction + size.steps / FIRST.steps * pilot.fraction)


@pytest.mark.parametrize("left", [120.0, 250.0, 400.0, 900.0, 5000.0])
@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.95])
def test_it_fits_and_nothing_longer_does(left, fraction):
    pilot = Pilot(100.0, fraction, 3)
    found = longer_run(pilot, left)
    if found != FIRST:
        assert duration(pilot, found) <= PLANNED * left
        assert pilot.seconds / 3 * found.trials <= SEARCH * PLANNED * left or found.trials == 1
        if found.trials > 1:
            assert found.trials == MOST_TRIALS or pilot.seconds / 3 * (found.trials + 1) > SEARCH * PLANNED * left
    if found.steps < MOST_STEPS * FIRST.steps:
        longer = found._replace(steps=max(found.steps, FIRST.steps) + FIRST.steps)
        assert duration(pilot, longer) > PLANNED * left


def test_plenty_of_time_is_not_used_without_end():
    assert longer_run(Pilot(10.0, 0.5, 3), 1e6) == (MOST_STEPS * FIRST.steps, MOST_TRIALS)


def test_nothing_that_trains_and_no_time_is_no_second_run():
    assert longer_run(Pilot(10.0, 0.0, 3), 1000.0) == FIRST
    assert longer_run(Pilot(10.0, 0.5, 3), -5.0) == FIRST
