"""Short training runs inside an experiment, with the package's own training loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ebmbench.core.seeds import generator, hashed
from ebmbench.data.interface import Splits
from ebmbench.models.interface import Family, Model, TrainingData
from ebmbench.models.statistics.interface import Definition
from ebmbench.training.job import Streams, TrainingJob, TrainingOutcome
from ebmbench.training.loop import train
from ebmbench.training.losses.interface import Loss
from ebmbench.training.moment_matching.interface import MatchingMethod
from ebmbench.training.moment_matching.none import NoMatching
from ebmbench.training.settings import TrainSettings


class Trial(NamedTuple):
    """A training run of a family by a loss, with ``statistics`` whose natural parameters the method ``arm`` finds.

    ``name``: with the ``seed``, determines the random streams of the noise and of the matching.
    """

    name: str
    seed: int
    family: Family
    loss: Loss
    statistics: Definition
    arm: MatchingMethod = NoMatching()
    settings: TrainSettings = TrainSettings()


def run(trial: Trial, rows: Splits, monitor: Callable[[Model], dict[str, float]] = lambda model: {}) -> TrainingOutcome:
    """Train a trial; ``monitor`` maps the model at a checkpoint to extra columns of the training curve.

    Trials of one seed start from the same weights and use the same batches.
    """
    data = TrainingData(None, rows)
    model = trial.family.build(data, trial.statistics, generator("trial", "initialisation", trial.seed))
    streams = Streams(
        generator("trial", "batches", trial.seed),
        generator("trial", "noise", trial.name, trial.seed),
        hashed("trial", "validation", trial.seed),
        generator("trial", "matching", trial.name, trial.seed),
    )
    task = TrainingJob(model, trial.loss, (rows.train, rows.val), trial.settings, streams, monitor, _silent, trial.arm)
    return train(task)


def _silent(step: int, steps: int, facts: dict[str, float]) -> None:
    """Report no progress."""
