"""Samples of a cell for a panel: those of its first seed that has any, or the reason why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from ebmbench.core.cells import Cell
from ebmbench.core.columns import BASE
from ebmbench.evaluation.contract import RunFiles
from ebmbench.evaluation.distributions import Distribution, distributions
from ebmbench.reporting.figures.outcomes import ABSENT, RunOutcomes, Seed, note, outcome, seeds_of

#: notes on a successful run without usable samples, and on one whose family has no base to sample from
NO_DRAWS, NO_BASE = "without samples", "without base"


class FirstSamples(NamedTuple):
    """Samples ``draws: (n, D)`` from a ``distribution`` by a seed, or None for all three and a ``note`` why."""

    seed: Seed | None
    distribution: Distribution | None
    draws: Tensor | None
    note: str = ""


def first_draws(cell: Cell, distribution: str, folders: Sequence[Path], dim: int) -> FirstSamples:
    """Read ``dim``-dimensional samples from ``distribution`` (model, sampler, base) by the first seed with any.

    ``folders``: the cell's jobs, empty if the grid lacks the cell.
    """
    if not folders:
        return FirstSamples(None, None, None, ABSENT)
    seeds, ends = seeds_of(folders), []
    for seed in seeds:
        run, key = RunFiles(seed.folder), str(seed.seed)
        found = next((one for one in distributions(run, key) if one.name == distribution), None)
        if found is not None and found.outcome.status == "ok":
            return FirstSamples(seed, found, run.draws(key, found.part, dim))
        trained = run.trained(key).status == "ok"
        ends.append(
            RunOutcomes(NO_BASE if distribution == BASE and found is None else NO_DRAWS, None)
            if trained
            else outcome(seed)
        )
    return FirstSamples(None, None, None, note(ends, len(seeds)))
