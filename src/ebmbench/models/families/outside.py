"""A model that another program trains and samples, in any language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from ebmbench.core.errors import UserError
from ebmbench.models.interface import Model, TrainingData
from ebmbench.models.statistics.interface import Definition

__all__ = ["Outside"]


@dataclass(frozen=True)
class Outside:
    """An external model: a Snakemake rule for the entry writes the files of training and sampling.

    docs/reference/files.md describes the files. Such an entry is in the grid without a loss and without matched
    statistics of this package.
    """

    losses: ClassVar[tuple[str, ...]] = ("none",)

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> Model:
        """Raise :class:`UserError`: no stage of this package builds the model if the entry has its own rule."""
        raise UserError(
            "family outside: an external model is not trained or sampled here; a rule must write its files, see "
            "docs/guide/methods_elsewhere.md"
        )
