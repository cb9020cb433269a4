"""One sentence on where a method is among the trained ones of a data set."""

from __future__ import annotations

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.evaluation.metrics.registry.entry import Metric
from ebmbench.reporting.comparison.column_results import UNTRAINED, ColumnResults
from ebmbench.reporting.comparison.columns import Column
from ebmbench.reporting.comparison.controls import ORACLE
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.ranking import LEVEL, Method
from ebmbench.reporting.number_text import number_text


def place_sentence(scores: pd.DataFrame, column: Column, own: Method) -> str:
    """Return the value of the method ``own`` in a column and its place among the trained methods, one sentence.

    ``scores``: rows of scores.csv of one data set with a value of ``own``. It is compared with the trained methods that
    have values on the most seeds, by means over seeds; others are counted as left out. It is tied with the best if it
    is not shown to be behind any of them by more than the metric's margin, at level .05
    (:meth:`~.column_results.ColumnResults.not_behind`): t-tests of differences on the seeds of ``own``, with one seed
    by the Monte Carlo errors alone; and ahead of all if every one is shown to be behind it. Says what the oracle has.
    """
    entry = described(column.metric)
    rows = column.rows(scores)
    known = rows[(rows["status"] == "ok") & rows["value"].notna()]
    found = ColumnResults.of_rows(known, column)
    asked = rows[(rows["status"] != "skipped") & (rows["loss"] != UNTRAINED)]
    left_out = len(asked.drop_duplicates([*AXES[1:]])) - len(found.standards())
    unit = "" if entry.unit == "1" else f" {entry.unit}"
    parts = [f"{column.metric} {number_text(found.raw[own], 3)}{unit}"]
    if any(method[1] != UNTRAINED for method in found.raw):
        parts[0] += f": {_place(found, own, entry)}{_left_out(left_out)}"
    oracles = [method for method in found.raw if method[0] == ORACLE]
    parts += [f"the oracle has {number_text(found.raw[method], 3)}" for method in oracles]
    return "; ".join(parts) + "."


def _place(found: ColumnResults, own: Method, entry: Metric) -> str:
    trained = found.standards()
    best, value = found.best(trained), found.scaled_mean(own)
    behind = value - found.scaled_mean(best)
    named = f"{method_label(*best)} with {number_text(found.raw[best], 3)}"
    if all(_is_shown_behind(found, method, own) for method in trained):
        return f"ahead of all {len(trained)} trained methods, the best of them {named}"
    if behind <= 0 or found.not_behind(own, trained) > LEVEL:
        return f"tied with the best of {len(trained)} trained methods, {named}"
    worse = sum(found.scaled_mean(method) > value for method in trained)
    distance = entry.scale.difference_text(behind, entry.unit)
    beaten = f"better than {worse} of" if worse else "worse than all"
    return f"{beaten} {len(trained)} trained methods, behind the best, {named}, by {distance}"


def _is_shown_behind(found: ColumnResults, method: Method, own: Method) -> bool:
    """Return whether a method is behind ``own``, and not by chance alone as far as errors are known."""
    return found.scaled_mean(method) > found.scaled_mean(own) and not found.not_behind(method, [own]) > LEVEL


def _left_out(number: int) -> str:
    return f" ({number} more left out, because runs of theirs failed)" if number else ""
