"""Trainings of a method of known order, in the form of a user's samples and log-densities."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ebmbench.core.seeds import generator
from ebmbench.evaluation.contract import RunOutcome
from ebmbench.evaluation.external_samples.archive import ExternalSamples
from ebmbench.experiments.calibration.known_order.disturbances import Disturbance
from ebmbench.experiments.calibration.known_order.strengths import strength
from ebmbench.experiments.calibration.known_order.study import KnownMethod, KnownOrderStudy

#: outcome of a training that fails
FAILED = RunOutcome("diverged", "one of the trainings that are made to fail")


class KnownTraining(NamedTuple):
    """One training: its KL divergence in nats, the strength of its disturbance, and whether it fails."""

    kl: float
    strength: float
    fails: bool
    stream: torch.Generator


def training(of: Disturbance, name: str, method: KnownMethod, seed: int, study: KnownOrderStudy) -> KnownTraining:
    """Draw the training of ``method`` on the problem ``name`` at a seed, with its own random stream."""
    stream = generator("known_order", name, method.name, seed)
    deviate, chance = float(torch.randn((), generator=stream)), float(torch.rand((), generator=stream))
    kl = math.exp(study.log_kl(method, deviate))
    return KnownTraining(kl, strength(of, kl), chance < method.failing, stream)


def given(
    of: Disturbance, drawn: KnownTraining, points: Mapping[str, Tensor], samples: int
) -> ExternalSamples | RunOutcome:
    """Return ``samples`` samples of a training and its log-densities at ``points``, or the outcome if it fails."""
    if drawn.fails:
        return FAILED
    log_prob = {name: of.log_prob(x, drawn.strength).numpy() for name, x in points.items()}
    if not samples:
        return ExternalSamples(np.empty((0, of.dataset.dim)), log_prob)
    return ExternalSamples(of.sample(samples, drawn.strength, drawn.stream).numpy().astype(np.float64), log_prob)
