"""Student's interval of a mean over seeds."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

#: probability outside a 95 % interval, both tails together
TAIL = 0.05


class Interval(NamedTuple):
    """Mean over seeds, sample standard deviation, standard error of the mean, and half the interval's width."""

    mean: float
    sd: float
    stderr: float
    half: float


def interval(values: pd.Series | np.ndarray, tail: float = TAIL) -> Interval:
    """Return m ± t_{1 - tail/2, n-1} s / sqrt(n) of n values; all but m are NaN for n = 1, and m too for n = 0.

    Student (1908). s is the sample standard deviation, with n - 1.
    """
    n = len(values)
    sd = values.std(ddof=1) if n > 1 else math.nan
    stderr = sd / math.sqrt(n) if n > 1 else math.nan
    half = float(stdtrit(n - 1, 1 - tail / 2)) * stderr if n > 1 else math.nan
    return Interval(values.mean() if n else math.nan, sd, stderr, half)
