"""The laws that a run's samples are scored under, and the draws that stand for each.

The model's own law and what its declared sampler draws from differ by the sampler's discretisation, by its
lack of convergence and by its temperature. Exact draws stand for both. Where an energy refines a trained base
measure, that base alone is a third.
"""

from __future__ import annotations

from typing import NamedTuple

from ebmbench.core.columns import BASE, MODEL, SAMPLER
from ebmbench.core.errors import UserError
from ebmbench.evaluation.contract import RunFiles, RunOutcome

#: what a sampler's draws may be
KINDS = ("exact", "invariant", "biased", "optimiser")

#: what a reader must know of a number made from a sampler's draws
MARKS = ("unconverged", "optimiser")

NO_DRAWS = RunOutcome("skipped", "no draws of the model's law were given")


class Distribution(NamedTuple):
    """The law ``name`` (model, sampler or base) of one run.

    ``part``: the entry of sampling.json, and the tensor of samples.safetensors, that hold its draws;
    ``method``: how they were drawn; ``beta``: the inverse temperature, None where nothing was drawn;
    ``mark``: one of :data:`MARKS`, or empty; ``steps``: of each chain, 0 where there was none.
    """

    name: str
    part: str
    outcome: RunOutcome
    method: str = ""
    beta: float | None = None
    mark: str = ""
    steps: int = 0


def distributions(run: RunFiles, seed: str) -> list[Distribution]:
    """The model's law, the sampler's, and that of the base measure where draws of it are given, of a seed."""
    base = []
    if run.trained(seed).status == "ok" and run.tells(seed, BASE):
        base = [Distribution(BASE, BASE, run.outcome(seed, BASE), run.word(seed, BASE, "sampler"))]
    return [*_of_model(run, seed), *base]


def _of_model(run: RunFiles, seed: str) -> tuple[Distribution, Distribution]:
    """(the model's law, the sampler's law) of a seed; they share a ``part`` where the samples are exact.

    Both have the training's outcome if that is not ok. Without an entry ``model``, draws that are not said to
    be exact stand for the sampler's law alone. Raises :class:`UserError` for an entry that is out of its range.
    """
    trained = run.trained(seed)
    if trained.status != "ok":
        return Distribution(MODEL, "model", trained, beta=1.0), Distribution(SAMPLER, "samples", trained)
    sampler = Distribution(
        SAMPLER,
        "samples",
        run.outcome(seed, "samples"),
        run.word(seed, "samples", "sampler"),
        run.beta(seed),
        run.word(seed, "samples", "mark", MARKS),
        run.steps(seed),
    )
    if run.word(seed, "samples", "kind", KINDS) == "exact":
        if sampler.beta != 1:
            where = run.where(seed, "samples", "beta")
            raise UserError(f"{where} = {sampler.beta:g}; allowed: 1, for exact draws are the model's")
        return sampler._replace(name=MODEL, mark=""), sampler
    if not run.tells(seed, "model"):
        return Distribution(MODEL, "model", NO_DRAWS, beta=1.0), sampler
    return Distribution(MODEL, "model", run.outcome(seed, "model"), run.word(seed, "model", "sampler"), 1.0), sampler
