"""Units of a user's samples: the coordinates in which models see the data, or the data's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from ebmbench.data.coordinates import Coordinates
from ebmbench.evaluation.external_samples.archive import ExternalSamples


class SampleUnits(NamedTuple):
    """``to_model`` maps samples and log-densities to the coordinates of models; ``of_rows`` maps rows from there."""

    to_model: Callable[[Coordinates, ExternalSamples], ExternalSamples]
    of_rows: Callable[[Coordinates, np.ndarray], np.ndarray]


def _from_own(coordinates: Coordinates, given: ExternalSamples) -> ExternalSamples:
    """Return z and log p(z) = log p(x) - log |det dz/dx|."""
    z = coordinates(torch.from_numpy(given.samples)).numpy()
    return ExternalSamples(z, {part: log_p - coordinates.log_det for part, log_p in given.log_prob.items()})


def _to_own(coordinates: Coordinates, rows: np.ndarray) -> np.ndarray:
    return coordinates.inverse(torch.from_numpy(rows).double()).numpy()


MODEL = SampleUnits(lambda _, given: given, lambda _, rows: rows)
OWN = SampleUnits(_from_own, _to_own)

#: the value of the option ``--units`` -> units
UNITS = {"model": MODEL, "own": OWN}
