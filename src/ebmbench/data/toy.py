"""Base class of the 2D toy data sets, which have a known density."""

from __future__ import annotations

from ebmbench.data.drawn import Drawn
from ebmbench.data.interface import KnownDensity


class Toy(Drawn, KnownDensity):
    """2D data set with fresh samples for every seed; ``density`` states how log_prob is computed."""

    dim = 2
    box = 6.0
