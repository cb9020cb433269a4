"""Cells that rest on the finished runs of others."""

import pytest

from ebmbench.core.cells import Cell
from ebmbench.planning.cell_dependencies import targets
from ebmbench.planning.config import check, grid
from tests.helpers.configurations import SCHEMA, message, resolved, small

STATS = {"none": {}, "moments": {"kind": "joint"}, "after": {"kind": "posthoc", "set": "s3"}}
BOTH = STATS | {"plain": {"kind": "none"}, "other": {"kind": "posthoc", "run": "plain"}}


def test_a_tilted_cell_names_the_run_that_it_tilts():
    tilted = resolved(small(stats=BOTH)).tilted
    assert tilted[Cell("moons", "ebm", "ed", "after")] == Cell("moons", "ebm", "ed", "none")
    assert tilted[Cell("rings", "gaussian", "ml", "other")] == Cell("rings", "gaussian", "ml", "plain")
    assert not any(cell.stats in ("none", "moments") for cell in tilted)


def test_a_run_that_is_not_in_the_grid_is_one_line():
    missing = {**STATS, "after": {"kind": "posthoc", "run": "joint"}}
    assert message(small(stats=missing)).startswith(
        "config: stats.after.run = 'joint': no cell moons/gaussian-ml-joint; allowed on this data set: none"
    )


def test_a_run_with_other_seeds_is_one_line():
    fewer = [{"match": {"stats": "none"}, "set": {"seeds": 2}}]
    assert message(small(stats=STATS, overrides=fewer)) == (
        "config: stats.after.run = 'none': 2 seeds; allowed: 3, as many as gaussian-ml-after has"
    )


@pytest.mark.parametrize("run", ["after", "moments"])
def test_what_has_statistics_is_not_tilted_again(run):
    again = STATS | {"again": {"kind": "posthoc", "run": run}}
    line = f"config: stats.again.run = {run!r} has its own statistics; allowed: an entry without statistics"
    assert message(small(stats=again)) == line


def test_sets_that_are_part_of_what_is_given_are_targets():
    parts = {"means": {}, "second_moments": {}, "fourier": {}}
    stats = {"none": {}, "both": {"kind": "joint", "set": "both"}, "s3": {"kind": "joint", "set": "s3"}}
    config = small(stats=stats) | {"sets": {"both": parts}, "evaluate": ["s1", "s3", "s4"]}
    checked = check(config, SCHEMA)
    settings = grid(checked).settings
    found = {cell.stats: targets(cell, own, checked) for cell, own in settings.items() if own["statistics"]}
    # s1 is means and second moments, s4 modes
    assert found == {"both": ["both", "s1", "s3"], "s3": ["s3"]}
