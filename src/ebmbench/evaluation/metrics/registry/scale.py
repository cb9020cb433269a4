"""Scales on which values of a metric are compared: logarithmic for positive errors, linear for all others."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

#: ratio of two positive errors below which methods count as equally good
FACTOR = 1.25

#: difference of two log-likelihoods, in nats, below which methods count as equally good: a KL of .2 nats, up to FACTOR
#: times as large, differs by as much
NATS = 0.05

#: least positive error, where the value's own measurement error is 0 or unknown
TINY = 1e-12


class Scaled(NamedTuple):
    """Values on a scale, and their standard errors there; an unknown error is 0."""

    values: np.ndarray
    errors: np.ndarray


@dataclass(frozen=True)
class Scale(ABC):
    """A scale with the ``margin`` below which a difference on it does not matter."""

    margin: float

    @property
    @abstractmethod
    def name(self) -> str:
        """The scale's name in documents."""

    @property
    @abstractmethod
    def positive(self) -> bool:
        """Whether all values of the metric are above 0."""

    @abstractmethod
    def scaled(self, values: np.ndarray, stderr: np.ndarray) -> Scaled:
        """Return ``values`` with their standard errors ``stderr`` (NaN: unknown), both ``(n,)``, on this scale."""

    @abstractmethod
    def difference_text(self, difference: float, unit: str) -> str:
        """Return a difference on this scale, 0 or more, in words."""

    def margin_text(self, unit: str) -> str:
        """Return the margin in words."""
        return self.difference_text(self.margin, unit)


class LogScale(Scale):
    """Natural logarithms: equal ratios of errors count equally, and the margin is the log of a ratio.

    A value at or below its own standard error is indistinguishable from 0, and its logarithm can be anything. It
    counts as that error, or as :data:`TINY` if the error is 0 or unknown.
    """

    name = "log"
    positive = True

    def scaled(self, values: np.ndarray, stderr: np.ndarray) -> Scaled:
        """Return logarithms and, to first order, their errors: stderr / value."""
        known = np.nan_to_num(stderr)
        floored = np.maximum(np.maximum(values, known), TINY)
        return Scaled(np.log(floored), known / floored)

    def difference_text(self, difference: float, unit: str) -> str:
        """Return the ratio."""
        return f"a factor of {math.exp(difference):.3g}"


class LinearScale(Scale):
    """The values themselves, which may be negative; the margin is in their unit."""

    name = "linear"
    positive = False

    def scaled(self, values: np.ndarray, stderr: np.ndarray) -> Scaled:
        """Return both as they are."""
        return Scaled(values, np.nan_to_num(stderr))

    def difference_text(self, difference: float, unit: str) -> str:
        """Return the difference and its unit."""
        return f"{difference:.3g}{'' if unit == '1' else f' {unit}'}" if difference else "0"


#: positive errors
LOG = LogScale(math.log(FACTOR))

#: log-likelihoods in nats
LIKELIHOOD = LinearScale(NATS)

#: fractions, and unbiased estimates that may be negative: no difference is small enough to be ignored
LINEAR = LinearScale(0.0)
