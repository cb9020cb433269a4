"""Results of all methods on one column of a data set, on the metric's scale, compared seed by seed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

import numpy as np
import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.columns import Column
from ebmbench.reporting.comparison.moderated_means import moderated_means, shown_above
from ebmbench.reporting.comparison.ranking import Method

#: the loss of models that are not trained
UNTRAINED = "none"


class ColumnResults(NamedTuple):
    """Values and Monte Carlo errors by method and seed, on the metric's scale and signed so that lower is better.

    An error is NaN if it is unknown. ``raw``: means over seeds of the values as they are; ``margin``: of the scale.
    """

    values: dict[Method, dict[int, float]]
    errors: dict[Method, dict[int, float]]
    raw: dict[Method, float]
    margin: float

    @classmethod
    def of_rows(cls, rows: pd.DataFrame, column: Column) -> Self:
        """Read the rows of scores.csv of one data set and column that have a value."""
        entry = described(column.metric)
        sign = 1.0 if entry.direction == "lower" else -1.0
        raw, stderr = (rows[name].to_numpy(float, na_value=math.nan) for name in ("value", "stderr"))
        scaled = entry.scale.scaled(raw, stderr)
        errors = np.where(np.isnan(stderr), math.nan, scaled.errors)
        methods = list(zip(*(rows[axis] for axis in AXES[1:]), strict=True))
        found = cls({}, {}, {}, entry.scale.margin)
        together: dict[Method, list[float]] = {}
        for method, seed, value, error, plain in zip(
            methods, rows["seed"].astype(int), sign * scaled.values, errors, raw, strict=True
        ):
            found.values.setdefault(method, {})[seed] = float(value)
            found.errors.setdefault(method, {})[seed] = float(error)
            together.setdefault(method, []).append(float(plain))
        return found._replace(raw={method: float(np.mean(of)) for method, of in sorted(together.items())})

    def standards(self) -> list[Method]:
        """Return the trained methods with values on the most seeds."""
        counts = {method: len(self.values[method]) for method in self.raw if method[1] != UNTRAINED}
        return [method for method, count in counts.items() if count == max(counts.values())]

    def scaled_mean(self, method: Method) -> float:
        """Return the mean over seeds on the scale, lower is better."""
        return float(np.mean(list(self.values[method].values())))

    def best(self, methods: Iterable[Method]) -> Method:
        """Return the method with the best mean on the scale."""
        return min(methods, key=self.scaled_mean)

    def not_behind(self, control: Method, others: Sequence[Method]) -> float:
        """Return the p of the hypothesis that the control is not behind any of the others by more than the margin.

        One-sided t-tests of differences paired by seed, with variances moderated over the others; the smallest p times
        their number, at most 1 (Bonferroni). With one shared seed the Monte Carlo errors count; NaN without any error.
        """
        own, errors = self.values[control], self.errors[control]
        shared = {other: [seed for seed in own if seed in self.values[other]] for other in others}
        shared = {other: seeds for other, seeds in shared.items() if seeds}
        differences = {
            other: np.array([own[seed] - self.values[other][seed] for seed in seeds]) for other, seeds in shared.items()
        }
        measured = {
            other: np.array([math.hypot(errors[seed], self.errors[other][seed]) for seed in seeds])
            for other, seeds in shared.items()
        }
        means = moderated_means(differences, measured).values()
        found = [p for of in means if not math.isnan(p := shown_above(of, self.margin))]
        return min(1.0, len(found) * min(found)) if found else math.nan
