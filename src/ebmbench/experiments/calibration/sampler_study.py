"""Every sampler on targets with known answers."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import torch

from ebmbench.core.cost import Cost
from ebmbench.core.ranges import AtLeastTwo, NonNegativeInt, PositiveInt, check_ranges
from ebmbench.core.seeds import generator
from ebmbench.experiments.calibration.estimates import CorrelatedMean, over_chains, over_populations
from ebmbench.experiments.calibration.questions import Question, questions
from ebmbench.inference.likelihoods import annealed
from ebmbench.inference.likelihoods.quadrature import over_two_boxes, reach_of
from ebmbench.inference.likelihoods.smc import SMC
from ebmbench.inference.samplers import chains, tempering
from ebmbench.inference.samplers.descent import Descent
from ebmbench.inference.samplers.diagnostics import diagnose, mark_of
from ebmbench.inference.samplers.hmc import HMC
from ebmbench.inference.samplers.independence import IndependenceMetropolis
from ebmbench.inference.samplers.interface import Sampler
from ebmbench.inference.samplers.kinetic import KineticLangevin
from ebmbench.inference.samplers.mala import MALA
from ebmbench.inference.samplers.random_walk import RandomWalk
from ebmbench.inference.samplers.ula import ULA
from ebmbench.models.blocks import log_density_in_blocks

#: number of Monte-Carlo errors beyond which an answer counts as wrong
WRONG = 3.0

#: step size of the second ULA, whose discretisation error is visible
COARSE = 0.1

COLUMNS = (
    *("target", "sampler", "kind", "step_size", "acceptance", "rhat", "ess", "ess_per_evaluation"),
    *("asked", "truth", "value", "stderr", "error", "z", "mark", "verdict"),
    *("energy_evaluations", "gradient_evaluations", "cpu_seconds"),
)


@dataclass(frozen=True)
class SamplerStudy:
    """``chains`` chains from the base measure, ``warmup`` steps, then ``draws`` samples ``thin`` steps apart.

    SMC has ``particles`` in each of its default number of populations; a grid gives ``chains * draws`` samples.
    """

    chains: AtLeastTwo = 100
    warmup: NonNegativeInt = 1000
    draws: PositiveInt = 1000
    thin: PositiveInt = 4
    particles: AtLeastTwo = 1024

    def __post_init__(self) -> None:
        check_ranges(self)


class Answer(NamedTuple):
    """A sampler's mean of the statistic, and how it was computed; NaN for quantities that it does not have."""

    estimate: CorrelatedMean
    kind: str
    cost: Cost
    step_size: float = math.nan
    acceptance: float = math.nan
    rhat: float = math.nan
    ess: float = math.nan
    mark: str = ""


#: (question, settings, stream) -> answer
Ask = Callable[[Question, SamplerStudy, torch.Generator], Answer]


def study(settings: SamplerStudy, energies: Path) -> pd.DataFrame:
    """Run every sampler on every target: one row per (target, sampler), in the columns of :data:`COLUMNS`.

    ``energies``: file of the trained energies of which some targets consist.
    """
    rows = []
    for name, make in questions(energies).items():
        question = make()
        for sampler in question.samplers or ASKED:
            if sampler == GRID and question.core is None:
                continue
            started = time.process_time()
            answer = ASKED[sampler](question, settings, generator("calibration", name, sampler))
            seconds = {"cpu_seconds": time.process_time() - started}
            rows.append({"target": name, "sampler": sampler} | row(question, answer) | seconds)
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS))


def row(question: Question, answer: Answer) -> dict[str, Any]:
    """Return the columns of an answer, and whether it is right: error within 3 Monte-Carlo errors."""
    error = answer.estimate.value - question.truth
    # chains that agree to the last digit leave no error to compare with
    z = error / answer.estimate.stderr if answer.estimate.stderr > 0 else math.copysign(math.inf, error)
    verdict = "right" if abs(z) <= WRONG else f"off by {error:+.3g}"
    each = answer.ess / answer.cost.energy_evaluations
    about = {"step_size": answer.step_size, "acceptance": answer.acceptance, "rhat": answer.rhat}
    asked = {"asked": question.asked, "truth": question.truth, "mark": answer.mark, "verdict": verdict}
    found = {**answer.estimate._asdict(), "error": error, "z": z, "ess": answer.ess, "ess_per_evaluation": each}
    return {"kind": answer.kind} | about | asked | found | answer.cost._asdict()


def _by_chains(sampler: Sampler) -> Ask:
    def ask(question: Question, settings: SamplerStudy, stream: torch.Generator) -> Answer:
        start = question.model.base.sample(settings.chains, stream)
        length = chains.Length(settings.warmup, settings.draws, settings.thin)
        made = chains.run(sampler, question.target, start, length, stream)
        flat, shape = made.draws.flatten(0, 1), made.draws.shape[:2]
        found = diagnose(made, log_density_in_blocks(question.model, flat).reshape(shape))
        kind = sampler.kind
        size = getattr(made.sampler, "step_size", math.nan)
        acceptance = math.nan if sampler.target_acceptance is None and kind != "invariant" else made.acceptance
        estimate = over_chains(question.statistic(flat).reshape(shape))
        return Answer(estimate, kind, made.cost, size, acceptance, found.rhat, found.ess_bulk, mark_of(kind, found))

    return ask


def _by_populations(question: Question, settings: SamplerStudy, stream: torch.Generator) -> Answer:
    """Use weighted particles of SMC at its defaults except for their number; its ESS is that of the weights."""
    own = SMC()
    shape = (own.populations, settings.particles)
    first = annealed.kernel(question.target.normal_measure(), own.leapfrog)
    schedule = tempering.plan(question.target, first, settings.particles, own.temperatures, stream)
    swarm = tempering.forward(question.target, schedule, shape, own.moves, own.resample, stream)
    values = question.statistic(swarm.x.flatten(0, 1)).reshape(shape)
    share = 1 / (1 + (settings.particles - 1) * float(swarm.variance.mean()))
    estimate = over_populations(values, swarm.log_weights, swarm.log_z)
    cost = schedule.cost.plus(swarm.cost)
    size = getattr(schedule.kernels[-1], "step_size", math.nan)
    return Answer(estimate, "weighted", cost, size, ess=share * math.prod(shape))


def _by_cells(question: Question, settings: SamplerStudy, stream: torch.Generator) -> Answer:
    """Draw independent samples from the density on a grid of cells."""
    if question.core is None:
        raise ValueError("grid sampling needs the cells that contain the target")
    n = settings.chains * settings.draws
    found = over_two_boxes(question.model, question.core, reach_of(question.model.base), n, stream)
    return Answer(over_chains(question.statistic(found.samples)[None]), "exact", found.cost, ess=float(n))


GRID = "grid"

ASKED: dict[str, Ask] = {
    "ULA": _by_chains(ULA()),
    "ULA, coarse": _by_chains(ULA(COARSE)),
    "MALA": _by_chains(MALA()),
    "HMC": _by_chains(HMC()),
    "KineticLangevin": _by_chains(KineticLangevin()),
    "RandomWalk": _by_chains(RandomWalk()),
    "IndependenceMetropolis": _by_chains(IndependenceMetropolis()),
    "Descent": _by_chains(Descent()),
    "SMC": _by_populations,
    GRID: _by_cells,
}
