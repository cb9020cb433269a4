"""log Z by this suite and by ebmkit's ``ais_log_z``, at equal numbers of energy evaluations.

Run ``python -m pytest benchmarks/test_log_z.py`` with the packages of envs/benchmark.txt. ebmkit anneals the same base
measure to the same energy, with as many levels as the evaluations pay for. Evaluations are counted where the energy is
called: one a point, and one more where a gradient is taken. Its first step size, its schedule and its number of chains
(those of the suite, a quarter or a sixteenth) are searched on each target for the least variance that its weights
report, at the largest budget; the search is not charged, while the pilots of the suite are.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor

pytest.importorskip("pytest_benchmark", reason="needs the packages of envs/benchmark.txt")
pytest.importorskip("ebm", reason="needs the packages of envs/benchmark.txt")

from ebm.ais import AISResult, ais_log_z
from ebm.samplers import HMC, MALA
from ebm.samplers.base import Sampler

from ebmbench.core.cost import Cost
from ebmbench.core.randomness import seeded
from ebmbench.core.seeds import generator
from ebmbench.experiments.calibration.known_answer import KnownTarget
from ebmbench.experiments.calibration.log_z_study import LEAPFROG, METHODS, STANDARD, outcome
from ebmbench.experiments.calibration.targets import TARGETS, target
from ebmbench.inference.likelihoods.ais import AIS
from ebmbench.inference.likelihoods.interface import LogZ
from ebmbench.models.peers import EbmkitNoise

#: what is searched for the peer: its default step size is .1, its default schedule linear
STEPS, SCHEDULES, FEWER, TRIES = (0.03, 0.1, 0.3, 1.0), ("linear", "geometric"), (1, 4, 16), 2

#: the suite's methods that are timed beside it, and how often
OURS, ROUNDS = ("AIS, MALA", "SMC, MALA"), 5

#: the peer's evaluations may differ by this share from the budget
TOLERANCE = 0.05


class Kernel(NamedTuple):
    """A transition of the peer, and the energies that it and a weight cost at each level."""

    make: Callable[[float], Sampler]
    energies: int


KERNELS = {
    "ebmkit AIS, MALA": Kernel(lambda step: MALA(step_size=step, steps=1), 3),
    "ebmkit AIS, HMC": Kernel(lambda step: HMC(step_size=step, leapfrog_steps=LEAPFROG, steps=1), 2 + LEAPFROG),
}


class Choice(NamedTuple):
    """The peer's first step size, its schedule, and by how much it has fewer chains than the suite particles."""

    step: float
    schedule: str
    fewer: int


class CountedEnergy:
    """-log p~, counting the points at which it and its gradient are asked for."""

    def __init__(self, known: KnownTarget) -> None:
        self._model, self.cost = known.model, Cost()

    def __call__(self, x: Tensor) -> Tensor:
        """``(B, D)`` -> ``(B,)``."""
        self.cost = self.cost.plus(Cost(len(x), len(x) * int(x.requires_grad)))
        return -self._model.log_density(x)


class Run(NamedTuple):
    """A result of the peer and what it cost."""

    result: AISResult
    cost: Cost
    seconds: float


def anneal(known: KnownTarget, kernel: Kernel, choice: Choice, budget: int, stream: torch.Generator) -> Run:
    """One run of ``ais_log_z`` that costs ``budget`` energies; chains and levels grow alike with it."""
    chains = AIS.populations * round(AIS.particles * math.sqrt(budget / STANDARD)) // choice.fewer
    energy, base = CountedEnergy(known), EbmkitNoise(known.model)
    started = time.process_time()
    with seeded(stream):
        result = ais_log_z(
            energy,
            (known.model.dim,),
            base=base,
            n_temps=round(budget / (chains * kernel.energies)),
            n_chains=chains,
            sampler=kernel.make(choice.step),
            schedule=choice.schedule,
        )
    return Run(result, energy.cost, time.process_time() - started)


@cache
def known_of(name: str) -> KnownTarget:
    """The target, built once."""
    return target(name)


@cache
def tuned(name: str, method: str) -> Choice:
    """The choice with the least mean variance of log Z, (n / ESS - 1) / n of n chains, over a few runs."""
    variances = {}
    for choice in (Choice(*parts) for parts in itertools.product(STEPS, SCHEDULES, FEWER)):
        stream = generator("calibration", "tuning", name, method, *map(str, choice))
        runs = [anneal(known_of(name), KERNELS[method], choice, STANDARD, stream).result for _ in range(TRIES)]
        variances[choice] = sum(1 / run.ess - 1 / len(run.log_weights) for run in runs) / TRIES
    return min(variances, key=lambda choice: variances[choice] if math.isfinite(variances[choice]) else math.inf)


def row_of(known: KnownTarget, run: Run) -> dict[str, Any]:
    """The columns of a row; the peer has no status of its own, so only a value that is not finite has failed."""
    value, stderr = run.result.log_z, run.result.stderr
    finite = math.isfinite(value)
    share = {"ess_fraction": run.result.ess / len(run.result.log_weights)}
    reason = "" if finite else "log Z is not finite"
    found = LogZ(value, stderr, "AIS", "ok" if finite else "failed", reason, share)
    return outcome(known, found, run.cost, run.seconds)


@pytest.mark.parametrize("method", KERNELS)
@pytest.mark.parametrize("name", TARGETS)
def test_peer(benchmark: Any, study: Any, rows: list[dict[str, Any]], name: str, method: str) -> None:
    """Rows of the peer at every budget, each at the budget's number of evaluations; timed at the largest."""
    known, choice = known_of(name), tuned(name, method)
    for budget in study.ladder:
        for repetition in range(study.repetitions):
            head = {"target": name, "method": method, "budget": budget, "repetition": repetition}
            stream = generator("calibration", *head.values())
            run = anneal(known, KERNELS[method], choice, budget, stream)
            assert abs(run.cost.energy_evaluations / budget - 1) < TOLERANCE
            rows.append(head | row_of(known, run))
    benchmark.group = name
    benchmark.extra_info.update(choice._asdict(), budget=STANDARD)
    stream = generator("calibration", "timing", name, method)
    benchmark.pedantic(anneal, (known, KERNELS[method], choice, STANDARD, stream), rounds=ROUNDS)


@pytest.mark.parametrize("method", OURS)
@pytest.mark.parametrize("name", TARGETS)
def test_ours(benchmark: Any, name: str, method: str) -> None:
    """The suite's own methods, timed at the largest budget."""
    stream = generator("calibration", "timing", name, method)
    likelihood, problem = METHODS[method](STANDARD), known_of(name).problem(stream)
    benchmark.group = name
    benchmark.extra_info.update(budget=STANDARD)
    found = benchmark.pedantic(likelihood.normalise, (problem, 1, stream), rounds=ROUNDS)
    # the pilot comes on top: at most an eighth more in 64 dimensions
    assert 1 < found.cost.energy_evaluations / STANDARD < 1.125
