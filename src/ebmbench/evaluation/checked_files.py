"""Read JSON and tensors that any tool may have written; each error is one line that names file and key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from ebmbench.core import files
from ebmbench.core.errors import UserError


def sized(path: Path, tensors: Mapping[str, Tensor], key: str, shape: tuple[int | None, ...]) -> Tensor:
    """Return ``tensors[key]`` if it has ``shape``, in which None is any size; raises :class:`UserError` otherwise."""
    if key not in tensors:
        raise UserError(f"{path}: {key} is missing; needed: a tensor of shape {written(shape)}")
    found = tuple(tensors[key].shape)
    fits = len(found) == len(shape) and all(b in (None, a) for a, b in zip(found, shape, strict=True))
    if not fits:
        raise UserError(f"{path}: {key} has shape {written(found)}; allowed: {written(shape)}")
    return tensors[key]


def written(shape: tuple[int | None, ...]) -> str:
    """Return a shape as error messages show it."""
    return f"({', '.join('any' if size is None else str(size) for size in shape)})"


def read_object(path: Path) -> Mapping[str, Any]:
    """Read the object in a JSON file; raises :class:`UserError` for a missing file or another content."""
    if not path.is_file():
        raise UserError(f"{path}: the file is missing")
    content = files.read_json(path)
    if not isinstance(content, dict):
        raise UserError(f"{path}: {type(content).__name__}; allowed: an object")
    return content


def read_tensors(
    path: Path, optional: bool = False, read: Callable[[Path], dict[str, Tensor]] = files.read_tensors
) -> dict[str, Tensor]:
    """Read the tensors of a file by ``read``; a missing file raises :class:`UserError`, or has none if ``optional``."""
    if path.is_file():
        return read(path)
    if optional:
        return {}
    raise UserError(f"{path}: the file is missing")
