"""Frechet distance of a trained energy's Langevin samples to image data, against the number of steps."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pandas as pd
import torch
from annotated_types import MinLen
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.core.ranges import AtLeastTwo, PositiveFloat, PositiveInt, check_ranges
from ebmbench.evaluation.metrics.features import frechet_distance, halves
from ebmbench.experiments.generation import LARGEST
from ebmbench.experiments.interface import ImageFeatures, Tables, Trained
from ebmbench.inference.samplers.target import BLOCK, Target, evaluate, of_model
from ebmbench.inference.samplers.ula import ULA
from ebmbench.models.blocks import in_blocks
from ebmbench.models.distributions.generalized import Generalized

__all__ = ["FDSteps"]

#: numbers of steps in each decade after which samples are scored
WITHIN = (1, 3)

COLUMNS = ("step_size", "steps", "beta", "extractor", "distance", "stderr", "n", "status", "reason")


@dataclass(frozen=True)
class FDSteps:
    """Frechet distance of features between samples and test images, against steps of the unadjusted Langevin algorithm.

    The model is that of ``run``, a base b tilted by exp(w). ``images`` chains start at samples from b, the same for all
    ``step_sizes`` (variances), and move without rejection towards pi_beta, proportional to b exp(beta w); if a
    generator makes b, they move its latents. Samples are scored by the features of ``extractor``, after 0, 1, 3, 10, 30
    and so on, at most ``steps``.

    ``draws``: a row per step size and number of steps. ``floor``: the distance of equally many training images, at most
    half of them, to the test images. Errors are jackknife errors
    (:func:`~ebmbench.evaluation.metrics.features.frechet_distance`).
    """

    run: str = ""
    extractor: str = "cnn"
    step_sizes: Annotated[tuple[PositiveFloat, ...], MinLen(1)] = (0.01, 0.04, 0.16)
    steps: PositiveInt = 300
    images: AtLeastTwo = 2000
    beta: PositiveFloat = 1.0

    def __post_init__(self) -> None:
        check_ranges(self)

    def study(self, trained: Trained, generator: torch.Generator) -> Tables:
        """Return the two tables by name; raises :class:`UserError` for a model without an energy on a base measure."""
        if not isinstance(trained.model, Generalized):
            raise UserError(f"experiment fd_steps: run = {self.run!r} has no energy on a base measure")
        if trained.judged is None:
            raise UserError(f"experiment fd_steps: the file of the extractor {self.extractor} is missing")
        target = of_model(trained.model)
        start = target.measure().sample(self.images, generator)
        rows = []
        for size in self.step_sizes:
            for steps, draws in self._courses(target, ULA(size), start, generator):
                head = {"step_size": size, "steps": steps, "beta": self.beta, "extractor": self.extractor}
                rows.append(head | _judged(draws, trained.judged))
        return {"draws": pd.DataFrame(rows, columns=list(COLUMNS)), "floor": _floor(trained.judged, self, generator)}

    def counts(self) -> list[int]:
        """Return the numbers of steps after which samples are scored: 0, 1, 3, 10, 30, ..."""
        decades = range(len(str(self.steps)))
        return [0, *(count * 10**decade for decade in decades for count in WITHIN if count * 10**decade <= self.steps)]

    def _courses(
        self, target: Target, kernel: ULA, start: Tensor, generator: torch.Generator
    ) -> Iterator[tuple[int, Tensor]]:
        """Yield (number of steps, ``(n, D)`` samples in data space) at each of :meth:`counts`."""
        points, done = [evaluate(target, part) for part in start.split(BLOCK)], 0
        for count in self.counts():
            for _ in range(done, count):
                points = [kernel.step(target, point, generator, self.beta)[0] for point in points]
            done = count
            yield count, in_blocks(target.decode, torch.cat([point.x for point in points]))


def _judged(draws: Tensor, judged: ImageFeatures) -> dict[str, Any]:
    lost = int((~(draws.abs() <= LARGEST)).any(1).sum())
    if lost:
        nothing = {"distance": math.nan, "stderr": math.nan, "n": 0}
        return nothing | {
            "status": "diverged",
            "reason": f"{lost} of {len(draws)} draws are not finite or beyond {LARGEST:g}",
        }
    found = frechet_distance(judged.of(draws.float()), judged.test)
    return {"distance": found.value, "stderr": found.stderr, "n": found.n, "status": "ok", "reason": ""}


def _floor(judged: ImageFeatures, settings: FDSteps, generator: torch.Generator) -> pd.DataFrame:
    """Compute the distance of training images to test images."""
    found = frechet_distance(halves(judged.train, settings.images, generator)[0], judged.test)
    return pd.DataFrame([{"distance": found.value, "stderr": found.stderr, "n": found.n}])
