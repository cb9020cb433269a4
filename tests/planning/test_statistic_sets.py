"""Sets of statistics: the standard ones, a configuration's own, and what a cell's models match."""

import pytest
import torch

from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.models.statistics.joined import Joined
from ebmbench.models.statistics.sets import load_set
from ebmbench.planning import statistic_sets
from tests.helpers.configurations import message, resolved, small


@pytest.mark.parametrize("name", sorted(statistic_sets.STANDARD))
def test_standard_sets_are_made_of_statistics_that_there_are(name):
    rows = torch.randn(300, 16 if name.startswith("i") else 3, generator=torch.Generator().manual_seed(1))
    statistic = load_set(statistic_sets.STANDARD[name]).fit(rows)
    names = statistic.names(rows.shape[1])
    assert statistic.value(rows.double()).shape == (300, len(names)) and len(set(names)) == len(names)


def test_the_first_set_is_the_moments_and_the_second_adds_histograms():
    rows = torch.randn(50, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    first, second = (load_set(statistic_sets.STANDARD[name]).fit(rows) for name in ("s1", "s2"))
    assert torch.equal(first.value(rows), load_set({"moments": {}}).fit(rows).value(rows))
    assert isinstance(second, Joined) and second.names(3)[:9] == first.names(3) and second.size(3) == 9 + 3 * 7
    assert first.quadratic(torch.ones(9).double(), 3) is not None
    assert second.quadratic(torch.ones(30).double(), 3) is None


def test_no_statistics_are_a_set_of_none():
    assert load_set({}).fit(torch.zeros(2, 3)).size(3) == 0


def test_a_single_statistic_is_its_own_set_with_its_settings():
    own = statistic_sets.checked({"fine": {"histograms": {"bins": 16}}, "s3": {"fourier": {"count": 8}}})
    assert statistic_sets.parts_of("fine", own, "here") == {"histograms": {"bins": 16}}
    assert statistic_sets.parts_of("s3", own, "here") == {"fourier": {"count": 8}}
    assert statistic_sets.parts_of("tails", own, "here") == {"tails": {}}
    with pytest.raises(
        UserError, match=r"here = 'tial' is not a set of statistics; did you mean tails or radial\? allowed: s1, "
    ):
        statistic_sets.parts_of("tial", own, "here")


@pytest.mark.parametrize(
    ("own", "line"),
    [
        (
            {"mine": {"histogram": {}}},
            "config: sets.mine.histogram: unknown statistic; did you mean histograms? allowed: correlations",
        ),
        ({"mine": {"modes": {"k": 3}}}, "config: sets.mine.modes: 'k' is unknown; allowed: count, softness"),
        ({"mine": {"modes": {"count": 0.5}}}, "config: sets.mine.modes: count = 0.5 is not of type int"),
    ],
)
def test_a_set_that_cannot_be_is_one_line(own, line):
    assert message(small(sets=own)).startswith(line)


def test_cells_get_the_statistics_of_their_set():
    stats = {"none": {}, "shape": {"kind": "joint", "set": "mine"}, "s1_joint": {"kind": "joint", "set": "s1"}}
    change = {"match": {"dataset": "rings", "stats": "shape"}, "set": {"stats": {"set": "s4"}}}
    found = resolved(small(stats=stats, sets={"mine": {"radial": {"scales": 2}}}, overrides=[change])).settings
    assert found[Cell("moons", "ebm", "ed", "none")]["statistics"] == {}
    assert found[Cell("moons", "ebm", "ed", "shape")]["statistics"] == {"radial": {"scales": 2}}
    assert found[Cell("rings", "ebm", "ed", "shape")]["statistics"] == {"modes": {}}
    assert found[Cell("rings", "ebm", "ed", "s1_joint")]["statistics"] == statistic_sets.STANDARD["s1"]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"evaluate": ["s9"]}, "config: evaluate = 's9' is not a set of statistics; allowed: s1"),
        ({"stats": {"a": {"kind": "joint", "set": "s9"}}}, "config: stats.a.set = 's9' is not a set of statistics"),
        ({"stats": {"moments": {}}}, "config: stats: 'moments' is unknown; allowed: joint, matched"),
    ],
)
def test_a_set_that_is_not_there_is_one_line(change, line):
    assert message(small(**change)).startswith(line)
