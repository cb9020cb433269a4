"""A model that is made elsewhere, in any language."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ebmbench.core.errors import UserError
from ebmbench.models.interface import Model, TrainingData
from ebmbench.models.statistics.interface import Definition

__all__ = ["Outside"]


@dataclass(frozen=True)
class Outside:
    """No model of this package: a rule of the entry's own writes the files of training and sampling.

    Which they are: docs/files.md. Such an entry is in the grid without a loss and without matched statistics of ours.
    """

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> Model:
        """Raises :class:`UserError`: no stage of this package is asked for it where the entry has its rule."""
        raise UserError(
            "family outside: nothing to train or sample here; the rule that writes its files is missing: see "
            "docs/adding_a_method.md"
        )
