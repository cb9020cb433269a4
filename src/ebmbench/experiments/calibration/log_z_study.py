"""Estimates of log Z of known targets: every estimator at several budgets, repeated."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from ebmbench.core.cost import Cost
from ebmbench.core.ranges import NonNegativeInt, PositiveInt, check_ranges
from ebmbench.core.seeds import generator
from ebmbench.experiments.calibration.known_answer import KnownTarget
from ebmbench.inference.likelihoods.ais import AIS
from ebmbench.inference.likelihoods.annealed import AnnealingSweep
from ebmbench.inference.likelihoods.bidirectional import bounds
from ebmbench.inference.likelihoods.importance import Importance
from ebmbench.inference.likelihoods.interface import Likelihood, LogZ
from ebmbench.inference.likelihoods.smc import SMC
from ebmbench.inference.sampling import BOUND_LEVELS, BOUND_POPULATIONS, SampleSettings

#: energy evaluations of AIS in a default run, without its pilot
STANDARD = AIS.populations * AIS.particles * AIS.temperatures * AIS.moves * AIS.leapfrog

#: the same for the sweeps that bound log Z, forward and reverse together
BOUNDS_STANDARD = 2 * BOUND_POPULATIONS * SampleSettings.bounds * BOUND_LEVELS

#: leapfrog steps of the moves called HMC; one step is MALA
LEAPFROG = 3

#: weight of the base measure in the proposal with a flow, and the largest dimension in which that proposal is used
BASE_SHARE, FLOW_DIM = 0.1, 11

BOUNDS = "bounds"

COLUMNS = (
    *("target", "method", "budget", "repetition", "status", "reason", "truth", "log_z", "stderr", "error"),
    *("lower", "upper", "ess_fraction", "cpu_seconds", "energy_evaluations", "gradient_evaluations"),
)


@dataclass(frozen=True)
class LogZStudy:
    """``repetitions`` of each estimator at ``budgets`` budgets, each a quarter of the next, up to a default run's.

    A flow as proposal is fitted anew each time: it has ``flow_repetitions``, at the smallest budget only. ``methods``:
    the other estimators to run, all of them if empty. Raises ValueError for a method that is unknown.
    """

    repetitions: PositiveInt = 25
    budgets: PositiveInt = 3
    flow_repetitions: NonNegativeInt = 3
    methods: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_ranges(self)
        for method in self.methods:
            if method not in TRIED:
                raise ValueError(f"methods: {method!r} is unknown; allowed: {', '.join(TRIED)}")

    @property
    def ladder(self) -> list[int]:
        """Energy evaluations of each budget, smallest first."""
        return [STANDARD >> 2 * step for step in reversed(range(self.budgets))]


class LogZTrial(NamedTuple):
    """An estimator at a budget; ``run(known, generator)`` returns the columns of a row's outcome."""

    method: str
    budget: int
    repetitions: int
    run: Callable[..., dict[str, Any]]


def study(name: str, known: KnownTarget, settings: LogZStudy) -> pd.DataFrame:
    """Run all trials on a target: a row per repetition, with its own random stream, in the columns :data:`COLUMNS`."""
    rows = []
    for trial in trials(known, settings):
        for repetition in range(trial.repetitions):
            head: dict[str, str | int] = {
                "target": name,
                "method": trial.method,
                "budget": trial.budget,
                "repetition": repetition,
            }
            stream = generator("calibration", *head.values())
            rows.append({**head, **trial.run(known, stream)})
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS))


def trials(known: KnownTarget, settings: LogZStudy) -> Iterator[LogZTrial]:
    """Yield all estimators and budgets for a target."""
    for budget in settings.ladder:
        for method in settings.methods or TRIED:
            yield LogZTrial(method, budget, settings.repetitions, TRIED[method](budget))
    if known.model.dim <= FLOW_DIM:
        least = settings.ladder[0]
        yield LogZTrial("IS, flow", least, settings.flow_repetitions, _by(Importance(least, BASE_SHARE)))


def outcome(known: KnownTarget, found: LogZ, cost: Cost, seconds: float) -> dict[str, Any]:
    """Return a row's columns, from ``status`` on, of an estimate; the error is NaN if there is no value."""
    return {
        "status": found.status,
        "reason": found.reason,
        "truth": known.log_z,
        "log_z": found.value,
        "stderr": found.stderr,
        "error": found.value - known.log_z,
        "ess_fraction": found.diagnostics.get("ess_fraction", math.nan),
        "cpu_seconds": seconds,
        **cost._asdict(),
    }


def _by(likelihood: Likelihood) -> Callable[..., dict[str, Any]]:
    def run(known: KnownTarget, stream: Any) -> dict[str, Any]:
        problem = known.problem(stream)
        started = time.process_time()
        found = likelihood.normalise(problem, 1, stream)
        return outcome(known, found.log_z, found.cost, time.process_time() - started)

    return run


def _bounded(budget: int) -> Callable[..., dict[str, Any]]:
    """Return the sweeps that bound log Z in a run, with particles and levels scaled by the same factor."""
    share = math.sqrt(budget / BOUNDS_STANDARD)
    particles = round(SampleSettings.bounds * share)
    levels = budget // (2 * BOUND_POPULATIONS * particles)
    sweep = AnnealingSweep(BOUND_POPULATIONS, particles, levels, moves=1, leapfrog=1, resample=0.0)

    def run(known: KnownTarget, stream: Any) -> dict[str, Any]:
        problem = known.problem(stream)
        started = time.process_time()
        found = bounds(problem, problem.train, sweep, stream)
        seconds = time.process_time() - started
        finite = math.isfinite(found.gap)
        status = {"status": "ok" if finite else "failed", "reason": "" if finite else "a bound is not finite"}
        limits = {"truth": known.log_z, "lower": found.lower, "upper": found.upper, "cpu_seconds": seconds}
        return status | limits | found.cost._asdict()

    return run


def _annealed(kind: type[AIS] | type[SMC], leapfrog: int) -> Callable[[int], Likelihood]:
    """Return the default estimator with particles and levels scaled by the same factor to meet the budget."""

    def at(budget: int) -> Likelihood:
        particles = round(kind.particles * math.sqrt(budget / STANDARD))
        levels = max(1, round(budget / (kind.populations * particles * leapfrog)))
        return dataclasses.replace(kind(), particles=particles, temperatures=levels, leapfrog=leapfrog, refresh=0)

    return at


METHODS: dict[str, Callable[[int], Likelihood]] = {
    "IS, base": Importance,
    "AIS, MALA": _annealed(AIS, 1),
    "AIS, HMC": _annealed(AIS, LEAPFROG),
    "SMC, MALA": _annealed(SMC, 1),
    "SMC, HMC": _annealed(SMC, LEAPFROG),
}


def _estimated(make: Callable[[int], Likelihood]) -> Callable[[int], Callable[..., dict[str, Any]]]:
    return lambda budget: _by(make(budget))


#: what is run at a budget, by the name of the method
TRIED: dict[str, Callable[[int], Callable[..., dict[str, Any]]]] = {
    **{method: _estimated(make) for method, make in METHODS.items()},
    BOUNDS: _bounded,
}
