"""The Frechet distance to validation images, by which a search compares models of images."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor

from ebmbench.core import plugins
from ebmbench.data.images import shown
from ebmbench.evaluation.extractors.interface import Extractor
from ebmbench.evaluation.metrics.equal_numbers import indices_worth
from ebmbench.evaluation.metrics.features import frechet_distance
from ebmbench.evaluation.sample_size import IMAGES, sample_size, too_few
from ebmbench.evaluation.search_criteria.interface import TrialModel, TrialScore
from ebmbench.inference.sampling import SampleSettings, generate


class Frechet(NamedTuple):
    """Frechet distance of features between samples by the cell's sampler and a seed's validation images.

    The samples are those that users of the model get. As in scores, they are worth as many independent ones as are
    compared on the data set. ``weights``: those of ``extractor`` by name.
    """

    extractor: Extractor
    weights: Mapping[str, Tensor]

    def score(self, trial: TrialModel) -> TrialScore:
        """Return the score of a trial; it fails if the sampler's samples are unusable or worth too few."""
        settings = plugins.construct("sample", SampleSettings, trial.settings["sample"])
        (sampler,) = (plugins.load("sampler", name, **own) for name, own in trial.settings["sampler"].items())
        found = generate(trial.problem, sampler, settings, trial.stream)
        if found.reason:
            return TrialScore(math.nan, reason=found.reason)
        images = trial.data.splits.val
        size = sample_size(trial.data.splits._asdict(), IMAGES)
        outcome = too_few(found.n_eff, size)
        if outcome is not None:
            return TrialScore(math.nan, reason=outcome.reason)
        drawn = found.samples[indices_worth(size, len(found.samples), found.n_eff, trial.stream)]
        pixels = (shown(rows.float().cpu()) for rows in (drawn, images))
        distance = frechet_distance(*(self.extractor.features(self.weights, of, trial.device) for of in pixels))
        return TrialScore(distance.value, distance.stderr)
