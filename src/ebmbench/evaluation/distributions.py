"""The distributions under which a run's samples are scored: model, sampler and base.

The model's own distribution and the one that its declared sampler draws from differ by the sampler's discretisation, by
its lack of convergence and by its temperature. Exact samples represent both. If an energy refines a trained base
measure, that base alone is a third distribution.
"""

from __future__ import annotations

from typing import NamedTuple

from ebmbench.core.columns import BASE, MODEL, SAMPLER
from ebmbench.core.errors import UserError
from ebmbench.evaluation.contract import RunFiles, RunOutcome

#: kinds of a sampler's samples
KINDS = ("exact", "invariant", "biased", "optimiser")

#: warnings that accompany a number computed from a sampler's samples
MARKS = ("unconverged", "optimiser")

NO_SAMPLES = RunOutcome("skipped", "no samples from the model's distribution were given")


class Distribution(NamedTuple):
    """The distribution ``name`` (model, sampler or base) of one run.

    ``part``: the entry of sampling.json, and the tensor of samples.safetensors, that hold its samples; ``method``: how
    they were drawn; ``beta``: the inverse temperature, None if there are no samples; ``mark``: one of :data:`MARKS`, or
    empty; ``steps``: number of steps of each chain, 0 without a chain.
    """

    name: str
    part: str
    outcome: RunOutcome
    method: str = ""
    beta: float | None = None
    mark: str = ""
    steps: int = 0


def distributions(run: RunFiles, seed: str) -> list[Distribution]:
    """Return the model's and the sampler's distribution of a seed, and the base's if the run has samples of it."""
    base = []
    if run.trained(seed).status == "ok" and run.tells(seed, BASE):
        base = [Distribution(BASE, BASE, run.outcome(seed, BASE), run.word(seed, BASE, "sampler"))]
    return [*_of_model(run, seed), *base]


def _of_model(run: RunFiles, seed: str) -> tuple[Distribution, Distribution]:
    """Return the model's and the sampler's distribution of a seed; they share a ``part`` if the samples are exact.

    Both have the training's outcome if that is not ok. Without an entry ``model``, samples that are not declared exact
    represent the sampler's distribution only. Raises :class:`UserError` for an entry that is out of its range.
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
            raise UserError(f"{where} = {sampler.beta:g}; allowed: 1, because samples are exact")
        return sampler._replace(name=MODEL, mark=""), sampler
    if not run.tells(seed, "model"):
        return Distribution(MODEL, "model", NO_SAMPLES, beta=1.0), sampler
    return Distribution(MODEL, "model", run.outcome(seed, "model"), run.word(seed, "model", "sampler"), 1.0), sampler
