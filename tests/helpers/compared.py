"""The three sides of a mismatch, their errors from one stream."""

import torch

from ebmbench.evaluation.metrics.mismatch import Averages, Sides
from ebmbench.evaluation.metrics.statistic_rows import StatisticRows


def sides(values, model, test, train, n_eff, seed=0):
    """Of T = ``values`` and three sets of rows, those of the model worth ``n_eff``."""
    stream, worth = torch.Generator().manual_seed(seed), (n_eff, len(test), len(train))
    each = zip((model, test, train), worth, strict=True)
    return Sides(*(Averages.of(StatisticRows(values, x), n, stream) for x, n in each))
