"""Read a file of trained weights that a user has fetched."""

from __future__ import annotations

import hashlib
import io
import pickle
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.evaluation.extractors.interface import UnavailableWeightsError


class WeightFile(NamedTuple):
    """The ``tensors`` of a file by name, and the ``sha256`` of its bytes."""

    tensors: dict[str, Tensor]
    sha256: str


def read_weight_file(path: Path, extractor: str) -> WeightFile:
    """Read a .pth file of named tensors with torch's tensor-only reader, which rejects a pickle of anything else.

    Raises :class:`UnavailableWeightsError` for a file that is missing, damaged or holds anything else.
    """
    try:
        content = path.read_bytes()
        tensors = torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise UnavailableWeightsError(f"{extractor}: no weights in {path} ({one_line(error)})") from error
    if not isinstance(tensors, dict) or not all(isinstance(tensor, Tensor) for tensor in tensors.values()):
        raise UnavailableWeightsError(f"{extractor}: no weights in {path} (needed: tensors by name)")
    return WeightFile(tensors, hashlib.sha256(content).hexdigest())


def one_line(error: Exception) -> str:
    """Return the first 200 characters of an error's message on one line."""
    return " ".join(str(error).split())[:200]
