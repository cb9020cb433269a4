"""What the 2D data sets share: a known density on a square."""

from __future__ import annotations

from ebmbench.data.drawn import Drawn
from ebmbench.data.interface import KnownDensity


class Toy(Drawn, KnownDensity):
    """A 2D data set whose rows are drawn anew for every seed; ``density`` tells how log_prob is computed."""

    dim = 2
    box = 6.0
