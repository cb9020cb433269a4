"""Check a user's samples and, optionally, log-densities against a data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ebmbench.core.errors import UserError, allowed_names
from ebmbench.evaluation.data_files import SPLITS

#: smallest number of samples: fewer say little about a distribution
LEAST = 100

#: largest magnitude of a sample: that of float32, in which the samples of every method are scored
LARGEST = float(np.finfo(np.float32).max)

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


def checked(path: Path, arrays: Mapping[str, np.ndarray], dim: int, sizes: Mapping[str, int]) -> ExternalSamples:
    """Check the arrays of ``path`` against a data set of dimension ``dim`` and return them, as float64.

    ``sizes``: number of examples of each split, and of cells of the ``grid``. Any log-densities may be left out. Raises
    :class:`GivenError` for an array that is unknown, of a wrong shape or type, for fewer than :data:`LEAST` samples,
    and for numbers that are not finite, or samples beyond :data:`LARGEST`.
    """
    allowed = {LOG_PROBS.get(name, GRID): (name, size) for name, size in sizes.items()}
    if SAMPLES not in arrays:
        found = f"; found: {', '.join(arrays)}" if arrays else ""
        raise GivenError(f"{path}: no array is called {SAMPLES}; needed: one of shape (N, {dim}){found}")
    unknown = [name for name in arrays if name != SAMPLES and name not in allowed]
    if unknown:
        raise GivenError(f"{path}: {unknown[0]} is unknown; {allowed_names(unknown[0], [SAMPLES, *allowed])}")
    return ExternalSamples(
        _samples(path, arrays[SAMPLES], dim),
        {allowed[name][0]: _sized(path, name, of, allowed[name][1]) for name, of in arrays.items() if name in allowed},
    )


def _samples(path: Path, given: np.ndarray, dim: int) -> np.ndarray:
    _check_kind(path, SAMPLES, given)
    if given.ndim != 2 or given.shape[1] != dim:
        raise GivenError(f"{path}: {SAMPLES} has shape {given.shape}; allowed: (N, {dim})")
    if len(given) < LEAST:
        raise GivenError(f"{path}: {SAMPLES} has {len(given) or 'no'} rows; allowed: {LEAST} or more")
    return finite_samples(path, given)


def finite_samples(path: Path, given: np.ndarray, columns: Sequence[str] = ()) -> np.ndarray:
    """Convert samples to float64; raise :class:`GivenError` for numbers that are not finite or beyond :data:`LARGEST`.

    ``columns``: what the message calls the columns, by default their numbers, counted from 1.
    """
    numbers = _finite(path, SAMPLES, given, columns)
    far = np.abs(numbers) > LARGEST
    if far.any():
        first = _first(SAMPLES, given, far, columns)
        raise GivenError(f"{path}: {first}; allowed: magnitudes up to {LARGEST:.2g}, the largest of float32")
    return numbers


def _sized(path: Path, name: str, given: np.ndarray, size: int) -> np.ndarray:
    _check_kind(path, name, given)
    if given.shape != (size,):
        raise GivenError(f"{path}: {name} has shape {given.shape}; allowed: ({size},)")
    return _finite(path, name, given, ())


def _check_kind(path: Path, name: str, given: np.ndarray) -> None:
    if given.dtype.kind not in "fiu":
        raise GivenError(f"{path}: {name} holds {given.dtype}; allowed: real numbers")


def _finite(path: Path, name: str, given: np.ndarray, columns: Sequence[str]) -> np.ndarray:
    """Convert to float64; a wider number may become infinite there."""
    # a signalling NaN is invalid in a cast
    with np.errstate(over="ignore", invalid="ignore"):
        numbers = given.astype(np.float64)
    bad = ~np.isfinite(numbers)
    if bad.any():
        raise GivenError(f"{path}: {_first(name, given, bad, columns)}; allowed: numbers that are finite in float64")
    return numbers


def _first(name: str, given: np.ndarray, marked: np.ndarray, columns: Sequence[str]) -> str:
    """Name the first marked value of a vector or a matrix by its row and column, and count the marked rows."""
    row, *column = (int(at) for at in np.argwhere(marked)[0])
    where = [f"row {row + 1}", *(f"column {columns[at] if columns else at + 1}" for at in column)]
    rows = int(marked.reshape(len(marked), -1).any(axis=1).sum())
    more = f" ({rows} rows hold such values)" if rows > 1 else ""
    return f"{name} {', '.join(where)} is {given[(row, *column)]!s}{more}"
