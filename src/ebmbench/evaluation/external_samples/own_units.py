"""Convert external samples and log-densities from a data set's own units into the coordinates of models."""

from __future__ import annotations

import torch

from ebmbench.data.coordinates import Coordinates
from ebmbench.evaluation.external_samples.archive import ExternalSamples


def to_coordinates(given: ExternalSamples, coordinates: Coordinates) -> ExternalSamples:
    """Return samples z of x, and log q(z) = log q(x) - log |det dz/dx| at the same rows, both in float64."""
    z = coordinates(torch.from_numpy(given.samples)).numpy()
    return ExternalSamples(z, {part: values - coordinates.log_det for part, values in given.log_prob.items()})
