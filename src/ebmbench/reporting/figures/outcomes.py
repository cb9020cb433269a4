"""What became of the seeds of a cell that have no result, in words for a panel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ebmbench.core.files import read_json

#: what is said of a combination of the figure's rows and columns that no cell has
ABSENT = "not in\nthe grid"

#: what is said of a run that is sound but was not scored
UNKNOWN = "without density"


class Seed(NamedTuple):
    """A seed of a cell and the folder of its job."""

    folder: Path
    seed: int


class RunOutcomes(NamedTuple):
    """How a seed ended: ``ok`` or another word, and the step at which its training broke off, if it did."""

    word: str
    step: int | None


def seeds_of(folders: Sequence[Path]) -> list[Seed]:
    """The seeds of a cell in their order."""
    found = [Seed(folder, int(seed)) for folder in folders for seed in read_json(folder / "run.json")["runs"]]
    return sorted(found, key=lambda seed: seed.seed)


def outcome(seed: Seed) -> RunOutcomes:
    """The status of its training where that is not ok, else that of its likelihood."""
    trained = _entry(seed, "run.json")
    if trained["status"] != "ok":
        return RunOutcomes(trained["status"], trained.get("steps"))
    status = _entry(seed, "sampling.json").get("likelihood", {}).get("status", "ok")
    return RunOutcomes("ok" if status == "ok" else f"likelihood {status}", None)


def note(outcomes: Sequence[RunOutcomes], of: int) -> str:
    """``2 diverged`` and, below, ``at step 214`` or ``at steps 214–317``: a line or two for each word in its order.

    ``of``: how many seeds the cell has; of one seed there is no count.
    """
    lines: list[str] = []
    for word in sorted({one.word for one in outcomes}):
        same = [one for one in outcomes if one.word == word]
        lines.append(word if of == 1 else f"{len(same)} {word}")
        steps = sorted({one.step for one in same if one.step is not None})
        if steps:
            lines.append(f"at step {steps[0]}" if len(steps) == 1 else f"at steps {steps[0]}–{steps[-1]}")
    return "\n".join(lines)


def failures(folders: Sequence[Path]) -> str:
    """:func:`note` of the seeds of a cell that did not end ok."""
    outcomes = [outcome(seed) for seed in seeds_of(folders)]
    return note([one for one in outcomes if one.word != "ok"], len(outcomes))


def _entry(seed: Seed, name: str) -> dict[str, Any]:
    return read_json(seed.folder / name)["runs"].get(str(seed.seed), {})
