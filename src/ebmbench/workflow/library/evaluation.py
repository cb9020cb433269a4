"""Score samples and log-densities of any model by the code that scores the suite's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch

from ebmbench.core.columns import MODEL
from ebmbench.evaluation.data_files import SPLITS, DataFiles
from ebmbench.evaluation.external_samples.archive import GRID, LOG_PROBS, SAMPLES
from ebmbench.evaluation.external_samples.reading import GivenFile
from ebmbench.models.statistics.sets import load_set
from ebmbench.planning.statistic_sets import STANDARD, parts_of
from ebmbench.workflow.library.datasets import LoadedDataset
from ebmbench.workflow.library.units import Rows
from ebmbench.workflow.stages.external_extractors import ExtractorFiles
from ebmbench.workflow.stages.external_samples import score_arrays

if TYPE_CHECKING:
    import pandas as pd

#: columns of the scores that say something of samples without a run
SHOWN = ("metric", "split", "value", "stderr", "n")

LogProb = Callable[[np.ndarray], "np.ndarray"]


def scores_of(
    samples: Rows,
    data: LoadedDataset,
    log_prob: LogProb | None,
    statistics: Sequence[str],
    extractors: ExtractorFiles,
) -> pd.DataFrame:
    """Return one row per metric and split for ``samples: (N, D)`` in the units of ``data``; images may have axes.

    ``log_prob`` maps rows ``(M, D)`` in these units to normalised log-densities ``(M,)``; it adds the likelihood and,
    where the data's density is known, KL. ``statistics``: sets whose means are compared; ``extractors``: those by whose
    features images are compared. Raises :class:`UserError` for samples and densities that cannot be scored.
    """
    sets = {name: load_set(parts_of(name, STANDARD, "statistics")) for name in statistics}
    z = data.units.to_model(_flat(samples, data)).double().numpy()

    def given(files: DataFiles) -> GivenFile:
        return GivenFile({SAMPLES: z} | ({} if log_prob is None else _log_probs(files, data, log_prob)), [])

    def made() -> dict[str, Path]:
        return extractors.of(data.name, data.dataset)

    found = score_arrays(Path("samples"), given, data.name, data.dataset, data.seed, sets, made).scores
    # samples without a run are their own sampler's, whose rows say the same again
    return found.loc[found["distribution"] == MODEL, list(SHOWN)].reset_index(drop=True)


def _flat(samples: Rows, data: LoadedDataset) -> Rows:
    """Return images with axes for pixels as ``(N, D)``, in the order of the data set, and anything else as it is."""
    if getattr(samples, "ndim", 2) <= 2:
        return samples
    return cast("Rows", data.dataset.flattened(np.asarray(samples)))


def _log_probs(files: DataFiles, data: LoadedDataset, log_prob: LogProb) -> dict[str, np.ndarray]:
    """Return log-densities of the model's coordinates at all splits and, where there is one, at the grid."""
    rows = files.rows(str(data.seed))
    points = {LOG_PROBS[split]: rows[split] for split in SPLITS}
    if files.grid is not None:
        points[GRID] = files.grid_points()
    return {name: _log_prob(z, data, log_prob) for name, z in points.items()}


def _log_prob(z: torch.Tensor, data: LoadedDataset, log_prob: LogProb) -> np.ndarray:
    return np.asarray(log_prob(data.units.to_array(z)), dtype=np.float64) - data.units.coordinates.log_det
