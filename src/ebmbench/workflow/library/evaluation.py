"""Score samples and log-densities of any model by the code that scores the suite's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch

from ebmbench.core.columns import MODEL
from ebmbench.core.errors import UserError
from ebmbench.evaluation.data_files import SPLITS, DataFiles
from ebmbench.evaluation.external_samples.archive import GRID, LOG_PROBS, SAMPLES
from ebmbench.evaluation.external_samples.reading import GivenFile
from ebmbench.models.statistics.sets import load_set
from ebmbench.planning.statistic_sets import parts_with_means
from ebmbench.workflow.library.datasets import LoadedDataset
from ebmbench.workflow.library.units import Rows, detached
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
    statistics: str | Sequence[str],
    extractors: ExtractorFiles,
) -> pd.DataFrame:
    """Return one row per metric and split for ``samples: (N, D)`` in the units of ``data``; images may have axes.

    ``log_prob`` maps rows ``(M, D)`` in these units to normalised log-densities ``(M,)``; it adds the likelihood and,
    where the data's density is known, KL. ``statistics``: a set, or several, whose means are compared; ``extractors``:
    those by whose features images are compared. Raises :class:`UserError` for samples and densities that cannot be
    scored.
    """
    check_dataset(data)
    _check_log_prob(log_prob)
    names = [statistics] if isinstance(statistics, str) else statistics
    parts = [parts_with_means(name, "statistics") for name in names]
    # after the check, as a name of another type may not be a key
    sets = {name: load_set(of) for name, of in zip(names, parts, strict=True)}
    z = data.units.to_model(_flat(samples, data)).double().numpy()

    def given(files: DataFiles) -> GivenFile:
        return GivenFile({SAMPLES: z} | ({} if log_prob is None else _log_probs(files, data, log_prob)), [])

    def made() -> dict[str, Path]:
        return extractors.of(data.name, data.dataset)

    found = score_arrays(Path("evaluate"), given, data.name, data.dataset, data.seed, sets, made).scores
    # samples without a run are their own sampler's, whose rows say the same again
    return found.loc[found["distribution"] == MODEL, list(SHOWN)].reset_index(drop=True)


def check_dataset(data: object) -> None:
    """Raise :class:`UserError` unless ``data`` is a loaded data set."""
    if not isinstance(data, LoadedDataset):
        name = repr(data) if isinstance(data, str) else '"moons"'
        raise UserError(f"evaluate: dataset is {_kind(data)}; pass ebmbench.load_dataset({name})")


def _check_log_prob(log_prob: object) -> None:
    if log_prob is not None and not callable(log_prob):
        raise UserError(f"evaluate: log_prob is {_kind(log_prob)}; pass a function of rows, such as model.log_prob")


def _kind(value: object) -> str:
    return f"of type {type(value).__name__}"


def _flat(samples: Rows, data: LoadedDataset) -> Rows:
    """Return images with axes for pixels as ``(N, D)``, in the order of the data set, and anything else as it is."""
    if getattr(samples, "ndim", 2) <= 2:
        return samples
    return cast("Rows", data.dataset.flattened(np.asarray(detached(samples))))


def _log_probs(files: DataFiles, data: LoadedDataset, log_prob: LogProb) -> dict[str, np.ndarray]:
    """Return log-densities of the model's coordinates at all splits and, where there is one, at the grid."""
    rows = files.rows(str(data.seed))
    points = {LOG_PROBS[split]: rows[split] for split in SPLITS}
    if files.grid is not None:
        points[GRID] = files.grid_points()
    return {name: _log_prob(z, data, log_prob) for name, z in points.items()}


def _log_prob(z: torch.Tensor, data: LoadedDataset, log_prob: LogProb) -> np.ndarray:
    return np.asarray(log_prob(data.units.to_array(z)), dtype=np.float64) - data.units.coordinates.log_det
