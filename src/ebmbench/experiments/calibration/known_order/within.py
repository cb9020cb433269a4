"""Decisions on one data set: the group tied with the best method, and the paired differences of all methods."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

import pandas as pd

from ebmbench.experiments.calibration.known_order import rules
from ebmbench.experiments.calibration.known_order.rules import ALL, Decision
from ebmbench.experiments.calibration.known_order.study import BEST, EQUAL, KnownMethod
from ebmbench.reporting.comparison.best_methods import best_methods
from ebmbench.reporting.comparison.columns import Column
from ebmbench.reporting.comparison.pairwise import Comparison, Outcome, all_pairs

#: rows of one data set, column -> (family, loss, statistics) of the methods tied with the best
TiedGroup = Callable[[pd.DataFrame, Column], Collection[tuple[str, str, str]]]


def tied_group(
    scores: pd.DataFrame, column: Column, methods: Sequence[KnownMethod], seeds: int, rule: TiedGroup = best_methods
) -> Iterator[Decision]:
    """Yield whether the group of ``scores``, the rows of one data set, holds whom it should."""
    group = {loss for _, loss, _ in rule(scores, column)}
    failed = set(scores.loc[~scores["status"].isin(["ok", "skipped"]), "loss"])
    for method in methods:
        if method.failing:
            if method.name in failed:
                yield Decision(rules.FAILING_IN_GROUP, column.metric, method.factor, seeds, method.name in group)
        elif method.factor > 1:
            yield Decision(rules.WORSE_LEFT_OUT, column.metric, method.factor, seeds, method.name not in group)
    # two methods are truly best; the guarantee of a multiple comparison with the best is for each of them
    yield Decision(rules.BEST_LEFT_OUT, column.metric, 1.0, seeds, BEST not in group)


def paired_differences(
    scores: pd.DataFrame, column: Column, methods: Sequence[KnownMethod], seeds: int
) -> Iterator[Decision]:
    """Yield whether paired differences of ``scores``, the rows of one data set, are decided rightly."""
    known = {method.name: method for method in methods}
    own = scores[(scores["metric"] == column.metric) & (scores["split"] == column.split)]
    pairs = [pair for of in all_pairs(own) for pair in of.pairs]
    decided = [(known[winner], known[loser]) for winner, loser in map(_winner_and_loser, pairs) if winner]
    wrong = any(winner.wrongly_beats(loser) for winner, loser in decided)
    yield Decision(rules.PAIR_WRONG, column.metric, ALL, seeds, wrong)
    apart = {frozenset((winner.name, loser.name)) for winner, loser in decided}
    yield Decision(rules.PAIR_OF_EQUALS, column.metric, 1.0, seeds, frozenset((BEST, EQUAL)) in apart)
    for method in methods:
        if method.factor > 1:
            found = (known[BEST], method) in decided
            yield Decision(rules.PAIR_FOUND, column.metric, method.factor, seeds, found)


def _winner_and_loser(pair: Comparison) -> tuple[str, str]:
    """Return the names of the better and of the worse method by the verdict, empty if it decides nothing."""
    method, other = pair.method[1], pair.other[1]
    return {Outcome.BETTER: (method, other), Outcome.WORSE: (other, method)}.get(pair.outcome, ("", ""))
