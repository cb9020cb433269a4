"""Tell a user which metrics of external samples have no value, and why."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ebmbench.core.columns import MODEL
from ebmbench.evaluation.external_samples.archive import GRID, LOG_PROBS, ExternalSamples

#: split of scores.csv that needs the log-densities at the grid
_EXACT = "exact"


def left_out(scores: pd.DataFrame, given: ExternalSamples, sizes: Mapping[str, int]) -> list[str]:
    """Return at most two notes: on log-densities that were not given although others were, and on other failures.

    ``scores``: all rows of scores.csv of one seed; ``sizes`` has the splits, and the ``grid`` if there is one.
    """
    missing = [part for part in sizes if given.log_prob and part not in given.log_prob]
    failed = scores[(scores["status"] == "failed") & (scores["distribution"] == MODEL)]
    unknown = failed["split"].replace({_EXACT: "grid"}).isin(missing)
    return _not_given(failed[unknown], missing) + _reasons(failed[~unknown])


def without_features(images: pd.DataFrame) -> list[str]:
    """Return a note on image scores without a value, whether skipped or failed; none if all have one.

    ``images``: all rows of image_scores.csv of one seed.
    """
    return _reasons(images[(images["status"] != "ok") & (images["distribution"] == MODEL)])


def _not_given(failed: pd.DataFrame, missing: list[str]) -> list[str]:
    if not missing:
        return []
    arrays = ", ".join(LOG_PROBS.get(part, GRID) for part in missing)
    skipped = ", ".join(f"{row.metric} ({row.split})" for row in failed.itertuples())
    unchecked = "; without the grid nothing shows whether the log-densities are normalised" if "grid" in missing else ""
    return [f"{arrays} not given, so without a value: {skipped or 'nothing'}{unchecked}"]


def _reasons(failed: pd.DataFrame) -> list[str]:
    """Return a note that names the metrics of rows without a value, by the reason; none without rows."""
    listed = [f"{', '.join(of['metric'].unique())}: {reason}" for reason, of in failed.groupby("reason", sort=False)]
    return [f"without a value: {'; '.join(listed)}"] if listed else []
