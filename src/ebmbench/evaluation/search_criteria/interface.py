"""Interface of the criteria of a search."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import torch

from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.interface import Model, TrainingData


class TrialModel(NamedTuple):
    """The trained model of a trial in evaluation mode, and what it is judged with.

    ``family``: the name of its entry; ``problem``: the model as samplers and log Z estimators take it; ``settings``:
    those of the trial, by part; ``stream``: the generator of whatever a criterion draws.
    """

    family: str
    model: Model
    problem: Problem | Model
    data: TrainingData
    device: torch.device
    settings: Mapping[str, Any]
    stream: torch.Generator


class TrialScore(NamedTuple):
    """The score of a trial on a seed, lower is better, with its standard error; NaN if it failed, with a reason."""

    score: float
    stderr: float = math.nan
    log_z_stderr: float = math.nan
    reason: str = ""


class SearchCriterion(Protocol):
    """A rule by which the trials of a search are compared."""

    def score(self, trial: TrialModel) -> TrialScore:
        """Return the score of a trial; raises :class:`UserError` for a family that it does not apply to."""
        ...
