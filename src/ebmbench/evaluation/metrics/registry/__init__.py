"""The registry of metrics: direction, unit, splits, protocol, scale, bias and distributions of each, by name."""

from __future__ import annotations

import re

from ebmbench.core.errors import UserError, allowed_names
from ebmbench.evaluation.metrics.registry import densities, features, latents, mismatches, samples
from ebmbench.evaluation.metrics.registry.entry import Metric

METRICS = (*densities.METRICS, *samples.METRICS, *latents.METRICS)

_BY_NAME = {entry.name: entry for entry in METRICS}
_MISMATCH = {entry.name: entry for entry in mismatches.SUMMARIES}
_FEATURES = {entry.name: entry for entry in features.DISTANCES}

#: distances between images in feature space
OF_FEATURES = tuple(_FEATURES)

#: the Frechet distance with the original network and weights, and with no others
FID = "fid"

#: summaries of the mismatch of a set of statistics
SUMMARIES = tuple(_MISMATCH)

_FEATURE_NAME = re.compile(rf"({'|'.join(OF_FEATURES)})_([a-z0-9_]+)")
_MISMATCH_NAME = re.compile(rf"([a-z0-9_]+)_mismatch_({'|'.join(SUMMARIES)})")


def mismatch_name(statistics: str, summary: str) -> str:
    """Return the name of a summary of the mismatch of a set of statistics, e.g. ``moments_mismatch_mean``."""
    return f"{statistics}_mismatch_{summary}"


def set_and_summary(name: str) -> tuple[str, str] | None:
    """Parse a metric's name into the set of statistics and the summary; None for other metrics."""
    match = _MISMATCH_NAME.fullmatch(name)
    return None if match is None else (match[1], match[2])


def feature_name(distance: str, extractor: str) -> str:
    """Return the name of a distance in an extractor's feature space, e.g. ``kid_cnn``."""
    return f"{distance}_{extractor}"


def metric(name: str) -> Metric:
    """Return the entry of ``name``, also for ``{set}_mismatch_{summary}`` and ``{distance}_{extractor}``.

    Raises :class:`UserError` if it is unknown.
    """
    of_features = _FEATURE_NAME.fullmatch("fd_inception" if name == FID else name)
    if of_features is not None:
        return _named(name, _FEATURES[of_features[1]], f"Extractor: {of_features[2]}.")
    of_set = set_and_summary(name)
    if of_set is not None:
        return _named(name, _MISMATCH[of_set[1]], f"Statistics: {of_set[0]}.")
    if name not in _BY_NAME:
        made = (
            mismatch_name("{set}", f"{{{'|'.join(SUMMARIES)}}}"),
            feature_name(f"{{{'|'.join(OF_FEATURES)}}}", "{extractor}"),
        )
        raise UserError(f"metric {name!r} is unknown; {allowed_names(name, [*_BY_NAME, FID, *made])}")
    return _BY_NAME[name]


def _named(name: str, entry: Metric, about: str) -> Metric:
    return entry._replace(name=name, protocol=f"{entry.protocol} {about}")
