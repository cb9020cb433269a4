"""Read and check a user's .npz file of samples and, optionally, log-densities."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ebmbench.core.errors import UserError
from ebmbench.data.archives import BROKEN
from ebmbench.evaluation.contract import SPLITS

#: largest total size of a file's arrays in bytes
LIMIT = 2**31

#: smallest number of samples: fewer say little about a distribution
LEAST = 100

#: arrays of the file; the grid only if the data set has one
SAMPLES, GRID = "samples", "grid_log_prob"
LOG_PROBS = {split: f"{split}_log_prob" for split in SPLITS}


class GivenError(UserError):
    """A file that cannot be scored."""

    code = 2


class ExternalSamples(NamedTuple):
    """``samples: (N, D)``, and the normalised log-densities in the file, by split or ``grid``: ``(N_split,)``."""

    samples: np.ndarray
    log_prob: dict[str, np.ndarray]


def load(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of an .npz file; raises :class:`GivenError` for any other file, and for pickled objects."""
    if not path.is_file():
        raise GivenError(f"{path}: the file is missing")
    try:
        found = np.load(path, allow_pickle=False)
        if isinstance(found, np.ndarray):
            raise GivenError(f"{path}: a single array; allowed: an .npz file with an array {SAMPLES}")
        with found as file:
            size = sum(entry.file_size for entry in file.zip.infolist())
            if size > LIMIT:
                raise GivenError(f"{path}: its arrays have {size} bytes; allowed: {LIMIT} at most")
            return {name: file[name] for name in file.files}
    except (ValueError, *BROKEN) as error:
        raise GivenError(f"{path}: not an .npz file of plain arrays ({' '.join(str(error).split())})") from error


def checked(path: Path, arrays: Mapping[str, np.ndarray], dim: int, sizes: Mapping[str, int]) -> ExternalSamples:
    """Check the arrays of ``path`` against a data set of dimension ``dim`` and return them.

    ``sizes``: number of examples of each split, and of cells of the ``grid``. Raises :class:`GivenError` for an array
    that is missing, unknown, of a wrong shape or type, for fewer than :data:`LEAST` samples, and for numbers that are
    not finite. Log-densities of the training and validation set may be left out.
    """
    allowed = {LOG_PROBS.get(name, GRID): (name, size) for name, size in sizes.items()}
    unknown = [name for name in arrays if name != SAMPLES and name not in allowed]
    if unknown:
        raise GivenError(f"{path}: {unknown[0]} is unknown; allowed: {', '.join([SAMPLES, *allowed])}")
    if SAMPLES not in arrays:
        raise GivenError(f"{path}: {SAMPLES} is missing; needed: an array of shape (N, {dim})")
    samples = _numbers(path, SAMPLES, arrays[SAMPLES])
    if samples.ndim != 2 or samples.shape[1] != dim:
        raise GivenError(f"{path}: {SAMPLES} has shape {samples.shape}; allowed: (N, {dim})")
    if len(samples) < LEAST:
        raise GivenError(f"{path}: {SAMPLES} has {len(samples)} rows; allowed: {LEAST} or more")
    given = [name for name in arrays if name in allowed]
    missing = [name for name in allowed if given and name not in (*given, LOG_PROBS["train"], LOG_PROBS["val"])]
    if missing:
        raise GivenError(
            f"{path}: {missing[0]} is missing; log-densities are needed at the test samples and at the grid, if any"
        )
    return ExternalSamples(
        samples, {allowed[name][0]: _sized(path, name, arrays[name], allowed[name][1]) for name in given}
    )


def _numbers(path: Path, name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype.kind not in "fiu":
        raise GivenError(f"{path}: {name} holds {array.dtype}; allowed: real numbers")
    bad = ~np.isfinite(array.reshape(len(array), -1) if array.ndim else array.reshape(1, 1)).all(axis=1)
    if bad.any():
        row, rows = int(bad.argmax()), int(bad.sum())
        raise GivenError(f"{path}: {name} row {row} holds a NaN or an infinite value ({rows} rows do); allowed: none")
    return array.astype(np.float64)


def _sized(path: Path, name: str, array: np.ndarray, size: int) -> np.ndarray:
    numbers = _numbers(path, name, array)
    if numbers.shape != (size,):
        raise GivenError(f"{path}: {name} has shape {numbers.shape}; allowed: ({size},)")
    return numbers
