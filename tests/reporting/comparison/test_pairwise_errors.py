"""How often verdicts on pairs are wrong or right, by simulation against the stated level and the noncentral t."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr
from scipy.stats import binom, nct, t

from ebmbench.reporting.comparison import paired, pairwise
from ebmbench.reporting.comparison.columns import Column
from ebmbench.reporting.comparison.paired import Paired
from ebmbench.reporting.comparison.pairwise import Outcome, Runs, compare
from ebmbench.reporting.comparison.ranking import LEVEL

KL = Column("kl", "exact", "model")

#: verdicts that one of the two methods is better
DECIDED = {Outcome.BETTER, Outcome.WORSE}

TABLES, SEEDS = 250, (3, 5, 10)

#: the names of four methods
NAMES = pd.MultiIndex.from_tuples([("ebm", f"m{i}", "none") for i in range(4)])


def compared(values):
    """The comparisons of the methods in ``values: (seeds, methods)``; a missing value is a failed run."""
    frame = pd.DataFrame(values, columns=NAMES[: values.shape[1]])
    return compare(Runs("plane", KL, frame, frame.isna()))


def too_many(tables=TABLES):
    """A number of wrong tables that has probability .005 at the stated level."""
    return binom.isf(0.005, tables, LEVEL)


def normal(generator, seeds, methods=4):
    """Values whose seeds share ten times as much as methods have of their own."""
    return 10 * generator.normal(size=(seeds, 1)) + generator.normal(size=(seeds, methods))


def wrong_tables(seeds, tables=TABLES):
    """The number of tables with a verdict that a method is better, though none is."""
    generator = np.random.default_rng(seeds)
    found = [compared(normal(generator, seeds)) for _ in range(tables)]
    return sum(any(pair.outcome in DECIDED for pair in of.pairs) for of in found)


def right_verdicts(seeds, effect, tables=TABLES):
    """The fraction of tables of two methods in which the better one is called better."""
    generator, shift = np.random.default_rng(seeds), np.array([0.0, effect])
    found = [compared(normal(generator, seeds, 2) + shift).pairs[0] for _ in range(tables)]
    return sum(pair.outcome in DECIDED and pair.verdict == "ebm · m0 is better" for pair in found) / tables


def power(seeds, effect):
    """The same by the noncentral t, for differences of variance 2."""
    bound, shift = t.isf(LEVEL / 2, seeds - 1), effect * math.sqrt(seeds / 2)
    return nct.sf(bound, seeds - 1, shift)


@pytest.mark.parametrize("seeds", SEEDS)
def test_methods_that_do_not_differ_are_called_better_in_one_table_of_twenty_at_most(seeds):
    assert wrong_tables(seeds) <= too_many()


def test_quantiles_of_the_normal_call_too_many_better(monkeypatch):
    monkeypatch.setattr(paired, "stdtr", lambda _, x: ndtr(x))
    assert wrong_tables(3, 100) > too_many(100)


def test_without_holm_too_many_are_called_better(monkeypatch):
    monkeypatch.setattr(pairwise, "holm_adjusted", lambda p: p)
    assert wrong_tables(10) > too_many()


@pytest.mark.parametrize(("seeds", "effect"), [(2, 20.0), (3, 4.0), (5, 2.0), (10, 1.3)])
def test_power_is_that_of_the_noncentral_t(monkeypatch, seeds, effect):
    wanted = power(seeds, effect)
    assert 0.4 < wanted < 0.95
    assert right_verdicts(seeds, effect) == pytest.approx(wanted, abs=3 * math.sqrt(wanted * (1 - wanted) / TABLES))
    # without pairing what the seeds share hides the effect
    monkeypatch.setattr(pairwise, "paired", unpaired)
    assert right_verdicts(seeds, effect, 100) < wanted - 0.2


def unpaired(first, second):
    """Welch's comparison with the smaller degrees of freedom."""
    mean, n = first.mean() - second.mean(), min(first.count(), second.count())
    stderr = math.hypot(first.sem(), second.sem())
    return Paired(mean, stderr, math.nan, math.nan, n)


def lucky(monkeypatch, counted):
    """The number of tables in which a method that fails on its bad seeds is better than its equal."""
    generator, better = np.random.default_rng(0), 0
    if not counted:
        failures = pairwise._failures
        monkeypatch.setattr(pairwise, "_failures", lambda runs: failures(runs._replace(failed=runs.failed & False)))
    for _ in range(TABLES):
        values = generator.normal(size=(10, 2))
        values[values[:, 1] > 0.5, 1] = math.nan
        (pair,) = compared(values).pairs
        named = {Outcome.BETTER: pair.method, Outcome.WORSE: pair.other}.get(pair.outcome)
        better += bool(np.isnan(values).any()) and named == NAMES[1]
    return better


def test_a_method_whose_bad_seeds_fail_is_never_better_by_its_good_ones(monkeypatch):
    assert lucky(monkeypatch, counted=True) == 0
    assert lucky(monkeypatch, counted=False) > too_many()
