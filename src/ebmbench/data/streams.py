"""Random streams of a data set, named after its module."""

from __future__ import annotations

import torch

from ebmbench.core.seeds import generator
from ebmbench.data.interface import Dataset


def name_of(dataset: Dataset) -> str:
    """Return the data set's name in a configuration, the last part of its module's name."""
    return type(dataset).__module__.rpartition(".")[2]


def stream(dataset: Dataset, *axes: str | int) -> torch.Generator:
    """Return the random generator of this data set for the given axes, e.g. ``stream(moons, "data", seed)``."""
    return generator(name_of(dataset), *axes)
