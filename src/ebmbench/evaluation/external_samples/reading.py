"""Read the arrays of a user's file: .npz, .npy or .csv."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ebmbench.data.own_files.refusal import ending
from ebmbench.evaluation.external_samples.archive import GRID, LOG_PROBS, SAMPLES, GivenError, finite_samples
from ebmbench.evaluation.external_samples.csv_samples import parse_csv

#: largest total size of a file's arrays, or of a text file, in bytes
LIMIT = 2**31

#: ends of names of NumPy's files
_ARRAYS = (".npz", ".npy")

#: in what NumPy says of a file that it takes for one of Python objects
_OBJECTS = "pickle"

#: names of arrays that are no samples
_OTHERS = (GRID, *LOG_PROBS.values())


class GivenFile(NamedTuple):
    """The arrays of a file, and notes on how it was read, a line each.

    ``own_units``: whether the values are in the data set's own units rather than in the coordinates of models. A csv
    file says so by naming the set's columns, unless these names are mere positions.
    """

    arrays: Mapping[str, np.ndarray]
    notes: list[str]
    own_units: bool = False


def read_file(path: Path, columns: Sequence[str]) -> GivenFile:
    """Read a file of samples; ``columns`` are the data set's, by which a csv file's header is understood.

    A file whose only array has a name of its own, or none, holds the samples. Raises :class:`GivenError` for a file
    that is missing, broken, of another kind or too large, and for pickled objects, which are never loaded.
    """
    if not path.is_file():
        raise GivenError(f"{path}: {'a folder; allowed: a file' if path.is_dir() else 'the file is missing'}")
    return _READERS.get(path.suffix.lower(), _binary)(path, columns)


def load(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of an .npz file, or that of an .npy file as :data:`SAMPLES`; raises as :func:`read_file`."""
    try:
        found = np.load(path, allow_pickle=False)
        if isinstance(found, np.ndarray):
            return {SAMPLES: found}
        with found as file:
            _check_size(path, sum(entry.file_size for entry in file.zip.infolist()))
            return {name: file[name] for name in file.files}
    except GivenError:
        raise
    # of a damaged header NumPy raises whatever Python's parser and tokenizer do
    except Exception as error:
        if path.suffix.lower() not in _ARRAYS:
            raise GivenError(f"{path}: {ending(path)}; allowed: {', '.join([*_ARRAYS, *_READERS])}") from error
        # what NumPy says of objects is how to load them unsafely
        what = "damaged, or holds Python objects" if _OBJECTS in str(error) else " ".join(str(error).split())
        raise GivenError(f"{path}: not a complete .npz or .npy file of plain arrays ({what})") from error


def _binary(path: Path, columns: Sequence[str]) -> GivenFile:
    _check_size(path, path.stat().st_size)
    arrays = load(path)
    own = [name for name in arrays if name != SAMPLES and name not in _OTHERS]
    if len(arrays) == 1 and own:
        return GivenFile({SAMPLES: arrays[own[0]]}, [f"{path}: {own[0]}, its only array, is taken as {SAMPLES}"])
    return GivenFile(arrays, [])


def _csv(path: Path, columns: Sequence[str]) -> GivenFile:
    _check_size(path, path.stat().st_size)
    try:
        table = parse_csv(path.read_bytes(), columns)
    except (ValueError, OSError) as error:
        raise GivenError(f"{path}: {' '.join(str(error).split())}") from error
    samples = finite_samples(path, table.samples, table.columns)
    return GivenFile({SAMPLES: samples}, [f"{path}: {' '.join(note.split())}" for note in table.notes], table.named)


def _check_size(path: Path, size: int) -> None:
    if size > LIMIT:
        raise GivenError(f"{path}: its arrays have {size} bytes; allowed: {LIMIT} at most")


#: readers by the end of the file's name; the kind of any other file is found from its content
_READERS: dict[str, Callable[[Path, Sequence[str]], GivenFile]] = {".csv": _csv}
