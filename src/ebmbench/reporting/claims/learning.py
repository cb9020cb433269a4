"""Whether the two sides of a claim have learnt at all: two models that have not are comparable, and say nothing."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.special import stdtr

from ebmbench.reporting.claims.claim import Learnt
from ebmbench.reporting.claims.evidence import Evidence, EvidenceSide


class Learning(NamedTuple):
    """One-sided p-values of the data, had this or the other side not learnt on an entry; NaN if that is unknown."""

    this: float
    other: float


def learning(rule: Learnt, both: Evidence) -> Learning:
    """Test that the mean of each side is beyond u + fraction (oracle - u), where u is the untrained value.

    Student's t between trainings, or with the error of a mean of repetitions. A failed training has the value u.
    """
    return Learning(_p(rule, both.this, both.untrained), _p(rule, both.other, both.untrained))


def _p(rule: Learnt, side: EvidenceSide, start: float) -> float:
    towards = math.copysign(1.0, rule.oracle - start)
    values = np.where(np.isnan(side.values), start, side.values)
    beyond = towards * (values - start - rule.fraction * (rule.oracle - start))
    n = len(values)
    stderr, df = (beyond.std(ddof=1) / math.sqrt(n), n - 1.0) if n > 1 else (side.stderrs[0], side.counts[0] - 1)
    mean = float(beyond.mean())
    if stderr == 0:
        return float(mean <= 0)
    return float(stdtr(df, -mean / stderr)) if df > 0 else math.nan
