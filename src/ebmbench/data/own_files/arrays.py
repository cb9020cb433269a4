"""Reading of a user's NumPy files, which may hold anything."""

from __future__ import annotations

import io

import numpy as np

from ebmbench.data.own_files.refusal import RefusedFileError

_INCOMPLETE = "not a complete NumPy file of plain arrays of numbers"


def read_arrays(content: bytes) -> np.ndarray | dict[str, np.ndarray]:
    """Return the array of a ``.npy`` file, or the arrays of a ``.npz`` file by name.

    No pickle is ever loaded. Raises :class:`RefusedFileError` for anything else than plain arrays.
    """
    try:
        found = np.load(io.BytesIO(content), allow_pickle=False)
        if not isinstance(found, np.lib.npyio.NpzFile):
            return found
        with found:
            return {name: found[name] for name in found.files}
    except ValueError as error:
        if "Object arrays" not in str(error):
            raise RefusedFileError(_INCOMPLETE) from error
        remedy = "save numbers, such as x.astype(float)"
        raise RefusedFileError(f"holds Python objects, which are not loaded; {remedy}") from error
    # of a damaged header NumPy raises whatever Python's parser does
    except Exception as error:
        raise RefusedFileError(_INCOMPLETE) from error
