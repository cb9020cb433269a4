"""The metrics by which methods of known order are compared, and the sizes of tilted oracles; imports no torch."""

from __future__ import annotations

from typing import NamedTuple

#: metric -> split
METRICS = {
    "kl": "exact",
    "nll": "test",
    "energy_distance": "test",
    "mmd2": "test",
    "sliced_wasserstein": "test",
}


class Sizes(NamedTuple):
    """Numbers of model samples, test and training rows, and their dimension."""

    samples: int
    test: int
    train: int
    dim: int


#: of the committed runs: data sets in the plane, and the smallest table
PLANE, REDWINE = Sizes(5000, 10_000, 50_000, 2), Sizes(3000, 159, 1281, 11)

SIZES = {"plane": PLANE, "redwine": REDWINE}
