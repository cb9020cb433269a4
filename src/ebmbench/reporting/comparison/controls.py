"""Controls of metrics: real data have to be among the best, a clearly worse Gaussian must not be."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

import pandas as pd

from ebmbench.core.columns import MODEL
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.column_results import UNTRAINED, ColumnResults
from ebmbench.reporting.comparison.columns import Column
from ebmbench.reporting.comparison.ranking import LEVEL, Method

#: the family with the data's own distribution, or with real data that no model has seen
ORACLE = "oracle"

#: families of a simple model, the first that a data set has: fitted Gaussian, widened Gaussian, independent pixels ->
#: whether it is worse than any trained method where there is no likelihood to compare
SIMPLE: Mapping[str, bool] = {"gaussian": False, "base": False, "noise": True}

#: how much worse than the best trained method the simple model has to be, by the first of these that both have
NATS, LIKELIHOODS = 1.0, (("kl", "exact"), ("nll", "test"))

#: columns of the table, in order
COLUMNS = (
    *("dataset", "metric", "split", "distribution", "verdict", "oracle", "simple", "reason"),
    *("best", "best_value", "oracle_value", "oracle_behind", "oracle_p"),
    *("simple_family", "simple_value", "simple_behind", "simple_p", "nats_behind", "margin", "methods"),
)


class Control(StrEnum):
    """What a control shows."""

    PASS = "pass"
    FAILS = "fails"
    UNDECIDED = "undecided"


class Decision(NamedTuple):
    """A control of one metric: how far it is behind the best trained method on the metric's scale, and what that shows.

    ``p``: one-sided, that it is not behind any trained method by more than the margin; ``value``: mean over seeds.
    """

    outcome: Control
    reason: str = ""
    value: float = math.nan
    behind: float = math.nan
    p: float = math.nan


class Simple(NamedTuple):
    """The simple model of a data set, and by how many nats it is behind the best trained method (NaN: unknown)."""

    family: str
    nats: float

    @property
    def clearly_worse(self) -> bool:
        """Whether it must not be among the best: it is a nat behind, or known to be worse without a likelihood."""
        return SIMPLE.get(self.family, False) if math.isnan(self.nats) else self.nats >= NATS

    def __str__(self) -> str:
        """Return its name, with the distance if it is known."""
        return self.family if math.isnan(self.nats) else f"{self.family}, {self.nats:.2g} nats worse,"


def controls(scores: pd.DataFrame, columns: Collection[Column] | None = None) -> pd.DataFrame:
    """Decide both controls of every metric, split and distribution with a direction, or of ``columns``, one row each.

    The best group holds every method that is not shown to be behind some trained method by more than the margin of the
    metric's scale: one-sided t-tests of differences paired by seed, which share the test examples, with variances
    moderated over the methods, at level .05 after Bonferroni's correction over the trained methods. With one seed the
    Monte Carlo errors of both count. ``oracle``: the truth, or real data, has to be in it. ``simple``:
    a Gaussian, or the simplest model there is, must not be in it where it is a nat or more behind in KL, else in test
    negative log-likelihood; images of independent pixels never. ``verdict``: fails if one fails, pass if one passes,
    else it is undecided. ``_behind`` is the distance to the best trained method on the metric's scale, above 0 if the
    control is worse.

    Only methods with values on the most seeds are compared, so that a method that fails often is no standard.
    """
    ok = scores[(scores["status"] == "ok") & scores["value"].notna()]
    rows = []
    for dataset, part in ok.groupby("dataset", sort=True):
        simple = _simple(part)
        for key, own in part.groupby(["metric", "split", "distribution"], sort=True):
            column = Column(*key)
            if described(column.metric).direction != "none" and (columns is None or column in columns):
                rows += [{"dataset": dataset} | row for row in _row(column, own, simple)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def failing(table: pd.DataFrame) -> dict[tuple[str, Column], str]:
    """Return the columns that fail a control, by data set, and why."""
    failed = table[table["verdict"] == Control.FAILS]
    return {
        (row.dataset, Column(row.metric, row.split, row.distribution)): row.reason
        for row in failed.itertuples(index=False)
    }


def _row(column: Column, own: pd.DataFrame, simple: Simple) -> list[dict[str, object]]:
    """Return the row of a column; none if no trained method has a value."""
    results = ColumnResults.of_rows(own, column)
    trained = results.standards()
    if not trained:
        return []
    best = results.best(trained)
    oracle, plain = _oracle(results, trained), _plain(results, trained, simple)
    verdict, reason = _verdict(column, oracle, plain, simple)
    return [
        {
            **{"metric": column.metric, "split": column.split, "distribution": column.distribution},
            **{"verdict": verdict, "oracle": oracle.outcome, "simple": plain.outcome, "reason": reason},
            **{"best": "-".join(best), "best_value": results.raw[best], "margin": results.margin},
            **{"oracle_value": oracle.value, "oracle_behind": oracle.behind, "oracle_p": oracle.p},
            **{"simple_family": simple.family, "nats_behind": simple.nats, "methods": len(trained)},
            **{"simple_value": plain.value, "simple_behind": plain.behind, "simple_p": plain.p},
        }
    ]


def _of_family(methods: Iterable[Method], family: str) -> Method | None:
    """Return the first method of a family without statistics, None if there is none."""
    return next((method for method in methods if method[0] == family and method[2] == UNTRAINED), None)


def _oracle(results: ColumnResults, trained: list[Method]) -> Decision:
    oracle = _of_family(results.raw, ORACLE)
    if oracle is None:
        return Decision(Control.UNDECIDED, "there is no oracle")
    return _decided(results, oracle, trained, among_best=Control.PASS, otherwise=Control.FAILS)


def _plain(results: ColumnResults, trained: list[Method], simple: Simple) -> Decision:
    method = _of_family(results.raw, simple.family)
    others = [other for other in trained if other != method]
    if method is None or not others:
        return Decision(Control.UNDECIDED, "there is no simple model")
    found = _decided(results, method, others, among_best=Control.FAILS, otherwise=Control.PASS)
    if simple.clearly_worse:
        return found
    return found._replace(outcome=Control.UNDECIDED, reason=f"{simple.family} is not {NATS:g} nat worse")


def _decided(
    results: ColumnResults, control: Method, others: list[Method], among_best: Control, otherwise: Control
) -> Decision:
    p = results.not_behind(control, others)
    behind = results.scaled_mean(control) - results.scaled_mean(results.best(others))
    if math.isnan(p):
        return Decision(Control.UNDECIDED, "there are no errors", results.raw[control], behind)
    return Decision(among_best if p > LEVEL else otherwise, "", results.raw[control], behind, p)


def _verdict(column: Column, oracle: Decision, plain: Decision, simple: Simple) -> tuple[Control, str]:
    wrong = [
        (oracle, f"the oracle is behind the best by {column.metric}"),
        (plain, f"{column.metric} does not tell {simple} from the best"),
    ]
    failed = [text for of, text in wrong if of.outcome is Control.FAILS]
    if failed:
        return Control.FAILS, "; ".join(failed)
    passed = Control.PASS in (oracle.outcome, plain.outcome)
    return (Control.PASS if passed else Control.UNDECIDED), "; ".join(filter(None, (oracle.reason, plain.reason)))


def _simple(part: pd.DataFrame) -> Simple:
    """Return the simple model of a data set, and its distance to the best trained method in nats."""
    families = set(part.loc[part["stats"] == UNTRAINED, "family"])
    family = next((name for name in SIMPLE if name in families), "")
    for metric, split in LIKELIHOODS:
        own = part[(part["distribution"] == MODEL) & (part["metric"] == metric) & (part["split"] == split)]
        results = ColumnResults.of_rows(own, Column(metric, split, MODEL))
        method = _of_family(results.raw, family)
        others = [results.raw[other] for other in results.standards() if other != method]
        if method is not None and others:
            return Simple(family, results.raw[method] - min(others))
    return Simple(family, math.nan)
