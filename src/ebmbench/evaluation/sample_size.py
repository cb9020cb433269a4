"""How many samples a distance uses whose expected value depends on their number: the same on every side.

A distance between two sets of points is biased upwards by about n^(-1/2). Such a metric (``biased_in_n`` in the
registry) therefore uses one number on a data set, whatever is compared: models, samplers, bases and controls. It counts
independent samples: of dependent ones, or of weighted ones after resampling, more are drawn, so that they are worth the
same number.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from ebmbench.evaluation.contract import RunOutcome

#: largest number for points: nearly every sampler and importance sampler has that many independent samples
POINTS = 100

#: largest number for features of images, which need more; samplers of images have more
IMAGES = 400


def sample_size(rows: Mapping[str, Tensor], most: int = POINTS) -> int:
    """Return the number of samples, and of test examples, that biased distances use on a data set.

    ``rows``: the examples of each split. It is at most ``most``, and at most what every side can give: the test
    examples, and the validation examples that stand for real data as a control.
    """
    return min(most, len(rows["val"]), len(rows["test"]))


def too_few(n_eff: float, size: int) -> RunOutcome | None:
    """Return the outcome of a biased distance for samples worth fewer than ``size`` independent ones, else None."""
    if n_eff >= size:
        return None
    return RunOutcome(
        "failed", f"the draws are worth {n_eff:.3g} independent ones; {size} are compared on this data set"
    )
