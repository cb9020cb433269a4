"""Methods of known order and spread, through the decision that tables make."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ebmbench.core.csv_schema import read_typed
from ebmbench.reporting.comparison.best_methods import tied_with_best
from tests.helpers.reference_tables import RESULTS

#: standard deviations of K methods, drawn anew in each repetition; the first method is the one that is watched
Spreads = Callable[[np.random.Generator, int], np.ndarray]


def _one(first: float, others: float) -> Spreads:
    def of(generator: np.random.Generator, methods: int) -> np.ndarray:
        return np.array([first] + [others] * (methods - 1))

    return of


def _every_second(generator: np.random.Generator, methods: int) -> np.ndarray:
    return np.where(np.arange(methods) % 2, 0.1, 1.0)


def _lognormal(generator: np.random.Generator, methods: int) -> np.ndarray:
    return np.exp(generator.normal(size=methods))


SPREADS: dict[str, Spreads] = {
    "equal": _one(1.0, 1.0),
    "the best three times wider": _one(3.0, 1.0),
    "the best ten times wider": _one(10.0, 1.0),
    "the best ten times narrower": _one(0.1, 1.0),
    "every second ten times narrower": _every_second,
    "lognormal": _lognormal,
}


def coverage(
    spreads: Spreads, methods: int, seeds: int, repetitions: int, *, margin: float = 0.0, shared: float = 0.0
) -> float:
    """Fraction of repetitions in which a truly best method is in the group: all are as good, the first is watched.

    Differences of 0 are the least favourable: a worse method excludes the best one more rarely. ``shared`` is the
    standard deviation of what all methods share at a seed.
    """
    generator = np.random.default_rng(0)
    found = 0
    for _ in range(repetitions):
        values = spreads(generator, methods)[:, None] * generator.normal(size=(methods, seeds))
        values += shared * generator.normal(size=seeds)
        found += int(tied_with_best(values, np.zeros_like(values), margin)[0])
    return found / repetitions


def left_out(
    spreads: Spreads,
    methods: int,
    seeds: int,
    repetitions: int,
    *,
    worse: float,
    margin: float,
    best: int = 1,
    shared: float = 0.0,
) -> float:
    """Fraction left out of the methods that are ``worse`` on the scale than the first ``best`` ones, all the others."""
    generator = np.random.default_rng(0)
    found = 0.0
    for _ in range(repetitions):
        values = spreads(generator, methods)[:, None] * generator.normal(size=(methods, seeds))
        values[best:] += worse
        values += shared * generator.normal(size=seeds)
        found += 1 - tied_with_best(values, np.zeros_like(values), margin)[best:].mean()
    return found / repetitions


def committed_spreads() -> Spreads:
    """Return committed standard deviations of log KL at Energy Discrepancy's budget of four, in random order.

    They are those of a random data set's methods with four seeds or more; with more methods than it has, some repeat.
    """
    scores = read_typed(RESULTS / "reference/energy_discrepancy_x4/scores.csv")
    kl = scores[(scores["metric"] == "kl") & (scores["status"] == "ok") & (scores["loss"] != "none")]
    kl = kl.assign(log=np.log(kl["value"].astype(float)))
    of = kl.groupby(["dataset", "family", "loss", "stats"])["log"].agg(["std", "count"])
    spreads = [part["std"].to_numpy() for _, part in of[of["count"] >= 4].groupby("dataset")]

    def drawn(generator: np.random.Generator, methods: int) -> np.ndarray:
        own = spreads[generator.integers(len(spreads))]
        return np.resize(generator.permutation(own), methods)

    return drawn
