"""Names, paths, blocks and random streams."""

from pathlib import Path

import pytest
import torch

from ebmbench.core.cells import Cell, Job, parse_cell, seeds_of
from ebmbench.core.errors import UserError
from ebmbench.core.seeds import generator, hashed


def test_paths_and_names():
    cell = Cell("two_spirals", "ebm", "ed", "none")
    assert Job(cell, "0-4").folder("results") == Path("results/runs/two_spirals/ebm-ed-none/seeds0-4")
    assert cell.run(3) == "two_spirals/ebm-ed-none/s3"
    assert parse_cell("two_spirals/ebm-ed-none") == cell


@pytest.mark.parametrize("text", ["moons", "moons/ebm-ed", "moons/ebm-ed-none-x", "Moons/ebm-ed-none"])
def test_other_cells_are_refused(text):
    with pytest.raises(UserError, match="dataset/family-loss-stats"):
        parse_cell(text)


@pytest.mark.parametrize("text", ["4-0", "3", "a-b", ""])
def test_other_blocks_are_refused(text):
    with pytest.raises(UserError, match="not a block"):
        seeds_of(text)


def test_streams_depend_on_every_axis_and_on_nothing_else():
    assert hashed("moons", "split", 3) == hashed("moons", "split", 3)
    assert len({hashed("moons", "split", 3), hashed("moons", "split", 4), hashed("moons", "batches", 3)}) == 3
    assert hashed("a", "bc") != hashed("ab", "c")
    state = torch.random.get_rng_state()
    first = torch.rand(3, generator=generator("a", 1))
    assert torch.equal(first, torch.rand(3, generator=generator("a", 1)))
    assert torch.equal(state, torch.random.get_rng_state())


def test_hash_is_the_same_on_every_machine():
    assert hashed("moons", "split", 3) == 5815720982615923023
