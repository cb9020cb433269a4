"""What fits into the rest of the time after the first run."""

import re

import pytest
from click.testing import CliRunner

from ebmbench.core.errors import UserError
from ebmbench.workflow.choose.choice import Choosing, Table
from ebmbench.workflow.choose.time_plan import FIRST, LEAST_STEPS, MOST_STEPS, MOST_TRIALS, PLANNED, Pilot, longer_run
from ebmbench.workflow.cli.app import ebmbench
from tests.helpers.paths import ROOT


def help_of_choose():
    return CliRunner().invoke(ebmbench, ["choose", "--help"]).output


def duration(pilot, size):
    """Trials train as long as each seed of the run does."""
    runs = pilot.seeds + (size.trials if size.trials > 1 else 0)
    of_seed = pilot.seconds / pilot.seeds * (1 - pilot.fraction + size.steps / FIRST.steps * pilot.fraction)
    return runs * of_seed


@pytest.mark.parametrize("left", [120.0, 250.0, 400.0, 900.0, 5000.0])
@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.95])
def test_it_fits_and_nothing_longer_does(left, fraction):
    pilot = Pilot(100.0, fraction, 3)
    found, least = longer_run(pilot, left), LEAST_STEPS * FIRST.steps
    if found != FIRST:
        assert duration(pilot, found) <= PLANNED * left
    if found.trials < MOST_TRIALS:
        another = found._replace(steps=least, trials=max(found.trials + 1, 2))
        assert duration(pilot, another) > PLANNED * left
    if found.trials > 1:
        assert found.steps >= least
    if found.steps < MOST_STEPS * FIRST.steps:
        longer = found._replace(steps=max(found.steps, FIRST.steps) + FIRST.steps)
        assert duration(pilot, longer) > PLANNED * left


def test_a_little_time_has_no_search_and_a_little_more_has_one():
    found = [longer_run(Pilot(100.0, 0.5, 5), left) for left in (300.0, 450.0, 700.0, 3000.0)]
    assert [each.trials for each in found] == [1, 2, 6, 8]
    assert [each.steps // FIRST.steps for each in found] == [4, 4, 4, 16]


def test_plenty_of_time_is_not_used_without_end():
    assert longer_run(Pilot(10.0, 0.5, 3), 1e6) == (MOST_STEPS * FIRST.steps, MOST_TRIALS)


def test_nothing_that_trains_and_no_time_is_no_second_run():
    assert longer_run(Pilot(10.0, 0.0, 3), 1000.0) == FIRST
    assert longer_run(Pilot(10.0, 0.5, 3), -5.0) == FIRST


@pytest.mark.parametrize("minutes", [float("nan"), float("inf"), float("-inf"), 2.9])
def test_a_time_that_cannot_be_kept_is_refused_before_anything_is_written(minutes, tmp_path):
    with pytest.raises(UserError, match=rf"^--minutes {minutes:g}; allowed: 3 or more, and finite$"):
        Choosing(Table("mine", {}, 3), tmp_path / "out", ROOT, minutes, None, print)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("page", [help_of_choose, (ROOT / "docs/guide/choosing.md").read_text])
def test_the_least_time_is_told_where_the_option_is_explained(page):
    assert re.search(r"3 is the least|; 3 or more", page())
