"""What an experiment is: one that needs nothing, and one that studies a trained run of the grid."""

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
    """A plug-in of ``experiments``: a frozen dataclass of settings that makes tables out of nothing else."""

    def run(self, generator: torch.Generator) -> Tables:
        """The tables by name."""
        ...


class ImageFeatures(NamedTuple):
    """Features of images: ``of`` makes those of rows, ``(n, D)`` -> ``(n, F)``.

    ``train``, ``test``: ``(m, F)`` those of all images published for training and for testing.
    """

    of: Callable[[Tensor], Tensor]
    train: Tensor
    test: Tensor


class Trained(NamedTuple):
    """A trained model in evaluation mode, and the rows of its data set and seed.

    ``judged``: by the extractor that the experiment names in its setting ``extractor``; None where it has no such.
    """

    model: Model
    rows: Splits
    judged: ImageFeatures | None = None


@runtime_checkable
class Study(Protocol):
    """A plug-in of ``experiments`` that asks something of a trained model.

    ``run``: the cell that trained it, as the tables name it without the seed, such as ``moons/ebm-ed-none``; its first
    seed is studied.
    """

    run: str

    def study(self, trained: Trained, generator: torch.Generator) -> Tables:
        """The tables by name."""
        ...
