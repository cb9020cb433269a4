"""Blocks of seeds, each the work of one job: what is done is kept, and only the seeds between are planned. No torch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from ebmbench.core.cells import BLOCK, Cell, Job, seeds_of

#: the blocks of a cell that are done
Done = Callable[[Cell], Iterable[str]]


def nothing_done(cell: Cell) -> Iterable[str]:
    """Return no block: the plan of a grid that has not begun."""
    return ()


def done_in(results: str | Path) -> Done:
    """Return a function that lists the blocks of a cell with a finished training in a results folder."""

    def of_cell(cell: Cell) -> Iterable[str]:
        found = Job(cell, "").folder(results).parent.glob("seeds*/run.json")
        blocks = [path.parent.name.removeprefix("seeds") for path in found]
        return [block for block in blocks if re.fullmatch(BLOCK, block)]

    return of_cell


def partition(seeds: int, size: int, done: Iterable[str] = ()) -> list[str]:
    """Split seeds 0..seeds-1 into blocks: those that are ``done``, and between them blocks of at most ``size``.

    New blocks end at multiples of ``size``, so that a number of seeds that grows step by step, and one that is asked
    for at once, give the same ones where nothing is done yet. A done block may reach beyond the last seed. Of several
    done blocks with the same first seed the longest that fits counts, else the shortest. Planning again when some or
    all of the returned blocks are done returns them again.
    """
    ends: dict[int, list[int]] = {}
    for block in done:
        ends.setdefault(seeds_of(block).start, []).append(seeds_of(block).stop)
    blocks, first = [], 0
    while first < seeds:
        fitting = [end for end in ends.get(first, []) if end <= seeds]
        if fitting:
            end = max(fitting)
        elif first in ends:
            end = min(ends[first])
        else:
            later = [start for start in ends if start > first]
            end = min(first - first % size + size, seeds, *later)
        blocks.append(f"{first}-{end - 1}")
        first = end
    return blocks
