"""Methods of known order and spread, through the decision that tables make."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ebmbench.reporting.comparison.best_methods import tied_with_best

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
    spreads: Spreads, methods: int, seeds: int, repetitions: int, *, worse: float, margin: float, shared: float = 0.0
) -> float:
    """Fraction of the methods left out that are ``worse`` on the scale than the first, the best one."""
    generator = np.random.default_rng(0)
    found = 0.0
    for _ in range(repetitions):
        values = spreads(generator, methods)[:, None] * generator.normal(size=(methods, seeds))
        values[1:] += worse
        values += shared * generator.normal(size=seeds)
        found += 1 - tied_with_best(values, np.zeros_like(values), margin)[1:].mean()
    return found / repetitions
