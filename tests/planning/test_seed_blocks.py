"""Blocks of seeds: what is done is kept, whatever was asked for before and after."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebmbench.core.cells import Cell, Job, seeds_of
from ebmbench.planning.seed_blocks import done_in, partition


def covered(blocks):
    return [seed for block in blocks for seed in seeds_of(block)]


@pytest.mark.parametrize(
    ("seeds", "size", "done", "blocks"),
    [
        (7, 5, [], ["0-4", "5-6"]),
        # one seed more, and several more in steps and at once
        (3, 5, ["0-1"], ["0-1", "2-2"]),
        (12, 5, ["0-1", "2-2"], ["0-1", "2-2", "3-4", "5-9", "10-11"]),
        # fewer seeds: nothing is done again
        (3, 5, ["0-4"], ["0-4"]),
        # other sizes of blocks
        (5, 2, ["0-4"], ["0-4"]),
        (6, 1, ["0-4"], ["0-4", "5-5"]),
        # a gap
        (10, 5, ["3-3"], ["0-2", "3-3", "4-4", "5-9"]),
        # two histories in one folder: the longest that fits
        (5, 5, ["0-1", "0-4", "0-9", "2-2"], ["0-4"]),
        (4, 5, ["0-4", "0-9"], ["0-4"]),
    ],
)
def test_done_blocks_are_kept(seeds, size, done, blocks):
    assert partition(seeds, size, done) == blocks


@given(st.integers(1, 60), st.integers(1, 12))
def test_a_fresh_grid_is_split_into_blocks_of_the_size(seeds, size):
    blocks = partition(seeds, size)
    assert covered(blocks) == list(range(seeds))
    assert all(len(seeds_of(block)) == size for block in blocks[:-1]) and len(seeds_of(blocks[-1])) <= size


histories = st.lists(st.tuples(st.integers(1, 20), st.integers(1, 7)), min_size=1, max_size=6)


@given(histories, st.data())
def test_no_seed_is_planned_twice_over_any_history(history, data):
    """Each step of a history asks for a number of seeds in blocks of a size, and may be killed at any moment."""
    done = set()
    for seeds, size in history:
        planned = partition(seeds, size, done)
        assert covered(planned)[:seeds] == list(range(seeds))
        new = [block for block in planned if block not in done]
        assert not {seed for block in new for seed in seeds_of(block)} & set(covered(planned_of(done)))
        # killed after some of its jobs, the same command plans the same blocks, and again after the others
        some = data.draw(st.sets(st.sampled_from(new))) if new else set()
        assert partition(seeds, size, done | some) == planned
        done |= set(new)
        assert partition(seeds, size, done) == planned


def planned_of(done):
    """The blocks that together hold all seeds that are done: no two of a history overlap."""
    return sorted(done, key=lambda block: seeds_of(block).start)


def test_done_is_what_has_a_finished_training(tmp_path):
    cell = Cell("moons", "ebm", "ed", "none")
    for block, name in (("0-1", "run.json"), ("2-2", "resume-2.pt"), ("x-y", "run.json")):
        folder = Job(cell, block).folder(tmp_path)
        folder.mkdir(parents=True)
        (folder / name).touch()
    (Job(cell, "").folder(tmp_path).parent / "tuning").mkdir()
    assert list(done_in(tmp_path)(cell)) == ["0-1"]
    assert list(done_in(tmp_path)(cell._replace(loss="nce"))) == []
