"""Notes for a panel on the seeds of a cell that have no result."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ebmbench.core.files import read_json

#: note on a combination of the figure's rows and columns without a cell
ABSENT = "not in\nthe grid"

#: note on a successful run that was not scored
UNKNOWN = "without density"


class Seed(NamedTuple):
    """A seed of a cell and the folder of its job."""

    folder: Path
    seed: int


class RunOutcomes(NamedTuple):
    """How a seed ended: ``ok`` or another word, and the step at which its training stopped early, if it did."""

    word: str
    step: int | None


def seeds_of(folders: Sequence[Path]) -> list[Seed]:
    """Return the seeds of a cell in ascending order."""
    found = [Seed(folder, int(seed)) for folder in folders for seed in read_json(folder / "run.json")["runs"]]
    return sorted(found, key=lambda seed: seed.seed)


def outcome(seed: Seed) -> RunOutcomes:
    """Return the status of a seed's training if that is not ok, else the status of its likelihood."""
    trained = _entry(seed, "run.json")
    if trained["status"] != "ok":
        return RunOutcomes(trained["status"], trained.get("steps"))
    status = _entry(seed, "sampling.json").get("likelihood", {}).get("status", "ok")
    return RunOutcomes("ok" if status == "ok" else f"likelihood {status}", None)


def note(outcomes: Sequence[RunOutcomes], of: int) -> str:
    """Format ``2 diverged`` and, below, ``at step 214`` or ``at steps 214–317``: one or two lines per word, sorted.

    ``of``: number of seeds of the cell; with one seed the count is omitted.
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
    """Return the :func:`note` on the seeds of a cell that did not end ok."""
    outcomes = [outcome(seed) for seed in seeds_of(folders)]
    return note([one for one in outcomes if one.word != "ok"], len(outcomes))


def _entry(seed: Seed, name: str) -> dict[str, Any]:
    return read_json(seed.folder / name)["runs"].get(str(seed.seed), {})
