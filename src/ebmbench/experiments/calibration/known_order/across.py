"""Decisions over several data sets: ranks, and claims that one method has a smaller error than another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.experiments.calibration.known_order import rules
from ebmbench.experiments.calibration.known_order.rules import ALL, LEVEL, Decision, Rule
from ebmbench.experiments.calibration.known_order.study import BEST, EQUAL, FAILING, KnownMethod
from ebmbench.reporting.claims.claim import Claim
from ebmbench.reporting.claims.combine import weigh
from ebmbench.reporting.claims.evidence import gather
from ebmbench.reporting.claims.verdicts import HELD, REFUTED, UNDECIDED, decide
from ebmbench.reporting.comparison.columns import Column
from ebmbench.reporting.comparison.rank_blocks import blocks
from ebmbench.reporting.comparison.rank_tables import pairs

#: probability of a difference beyond the margin from which the Bayesian signed rank decides
PROBABLE = 1 - LEVEL


def ranks(scores: pd.DataFrame, column: Column, methods: Sequence[KnownMethod], seeds: int) -> Iterator[Decision]:
    """Yield whether ranks over the data sets of ``scores`` are decided rightly; nothing if they are too few to test."""
    known = {method.name: method for method in methods}
    for block in blocks(scores, column)[:1]:
        if not block.tested:
            return
        table = pairs(block)
        ahead = [
            (known[one], known[other.split("-")[1]]) for one, other in zip(table["loss"], table["other"], strict=True)
        ]
        nemenyi = [pair for pair, p in zip(ahead, table["nemenyi_p"], strict=True) if p <= LEVEL]
        better = [pair for pair, p in zip(ahead, table["better"], strict=True) if p >= PROBABLE]
        worse = [(b, a) for (a, b), p in zip(ahead, table["worse"], strict=True) if p >= PROBABLE]
        yield from _ranked(nemenyi, rules.RANK_WRONG, rules.RANK_FOUND, column, methods, seeds)
        yield from _ranked(better + worse, rules.SIGNED_WRONG, rules.SIGNED_FOUND, column, methods, seeds)


def _ranked(
    decided: Sequence[tuple[KnownMethod, KnownMethod]],
    wrong: Rule,
    found: Rule,
    column: Column,
    methods: Sequence[KnownMethod],
    seeds: int,
) -> Iterator[Decision]:
    happened = any(winner.wrongly_beats(loser) for winner, loser in decided)
    yield Decision(wrong, column.metric, ALL, seeds, happened)
    beaten = {loser.name for winner, loser in decided if winner.name == BEST}
    for method in methods:
        if method.factor > 1:
            yield Decision(found, column.metric, method.factor, seeds, method.name in beaten)


def claims(scores: pd.DataFrame, column: Column, methods: Sequence[KnownMethod], seeds: int) -> Iterator[Decision]:
    """Yield whether claims about the data sets of ``scores`` are decided rightly, all in one table of claims."""
    known = {method.name: method for method in methods}
    worse = [method.name for method in methods if method.factor > 1]
    asked = {claim.id: claim for claim in _claims(column, worse)}
    found = decide([weigh(claim, gather(claim, lambda _: scores)) for claim in asked.values()], LEVEL)
    verdicts = {of.of.claim.id: of.verdict for of in found}
    wrong = verdicts[EQUAL] != UNDECIDED or verdicts[FAILING] == HELD or REFUTED in [verdicts[name] for name in worse]
    yield Decision(rules.CLAIM_WRONG, column.metric, ALL, seeds, wrong)
    yield Decision(rules.CLAIM_OF_NOTHING, column.metric, 1.0, seeds, verdicts[EQUAL] != UNDECIDED)
    yield Decision(rules.FAILING_HELD, column.metric, 1.0, seeds, verdicts[FAILING] == HELD)
    for name in worse:
        yield Decision(rules.CLAIM_HELD, column.metric, known[name].factor, seeds, verdicts[name] == HELD)


def _claims(column: Column, worse: Sequence[str]) -> Iterator[Claim]:
    """Yield the claims that an equal and a failing method are better than the best, and the best than worse ones."""
    yield _less(column, EQUAL, EQUAL, BEST)
    yield _less(column, FAILING, FAILING, BEST)
    for name in worse:
        yield _less(column, name, BEST, name)


def _less(column: Column, name: str, this: str, other: str) -> Claim:
    return Claim(
        id=name,
        claim=f"The error of {this} is less than that of {other}.",
        source="known by construction",
        grid="known_order",
        table="scores",
        this={"loss": this},
        other={"loss": other},
        relation="less",
        distribution=column.distribution,
        rows={"metric": column.metric, "split": column.split},
        scale="log" if described(column.metric).scale.positive else "linear",
    )
