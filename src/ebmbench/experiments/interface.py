"""Interfaces of experiments: those that need no input, and those that study a trained run of the grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, runtime_checkable

import pandas as pd
import torch
from torch import Tensor

from ebmbench.data.interface import Splits
from ebmbench.models.interface import Model

#: an experiment's tables by name
Tables = dict[str, pd.DataFrame]


class Experiment(Protocol):
    """A plug-in of ``experiments``: a frozen dataclass of settings that computes tables without further input."""

    def run(self, generator: torch.Generator) -> Tables:
        """Return the tables by name."""
        ...


class ImageFeatures(NamedTuple):
    """Features of images; ``of`` maps images to features, ``(n, D)`` -> ``(n, F)``.

    ``train``, ``test``: ``(m, F)``, the features of all published training and test images.
    """

    of: Callable[[Tensor], Tensor]
    train: Tensor
    test: Tensor


class Trained(NamedTuple):
    """A trained model in evaluation mode, and the data splits of its data set and seed.

    ``judged``: features by the extractor that the experiment names in its setting ``extractor``; None without such a
    setting.
    """

    model: Model
    rows: Splits
    judged: ImageFeatures | None = None


@runtime_checkable
class Study(Protocol):
    """A plug-in of ``experiments`` that studies a trained model.

    ``run``: the cell that trained it, as named in the tables without the seed, such as ``moons/ebm-ed-none``; its first
    seed is studied.
    """

    run: str

    def study(self, trained: Trained, generator: torch.Generator) -> Tables:
        """Return the tables by name."""
        ...
