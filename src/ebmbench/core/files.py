"""Atomic reading and writing of text, JSON, CSV and safetensors files.

Each file is written under a temporary name and then renamed, so it is either complete or absent.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebmbench.core.errors import UserError

if TYPE_CHECKING:
    import pandas as pd
    import torch


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path next to ``path`` and rename it to ``path`` if the block ends without an error."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        yield temporary
        with temporary.open("rb") as handle:
            os.fsync(handle.fileno())
        temporary.replace(path)
    except OSError as error:
        if error.errno is None or error.filename not in (None, str(temporary)):
            raise
        # an error from a full disk does not name the file
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        # on a read-only disk this fails, too, and would hide the first error
        with suppress(OSError):
            temporary.unlink()


def write_text(path: str | Path, text: str) -> None:
    """Write ``text`` as UTF-8."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def finite(numbers: Mapping[str, float]) -> dict[str, float]:
    """Return the numbers that JSON can hold: NaN (unknown) and infinite values are dropped."""
    return {name: value for name, value in numbers.items() if math.isfinite(value)}


def write_json(path: str | Path, content: Any) -> None:
    """Write JSON with sorted keys; raise ``ValueError`` for NaN and infinities."""
    write_text(path, json.dumps(content, indent=1, sort_keys=True, allow_nan=False) + "\n")


def read_json(path: str | Path) -> Any:
    """Read a JSON file; raise :class:`UserError` if it is damaged."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{path}: not a complete JSON file ({error}); delete it and run again") from error


def write_csv(path: str | Path, table: pd.DataFrame, digits: int = 9) -> None:
    """Write a table as CSV: ``digits`` significant digits (17: exact), missing values as empty fields."""
    with replacing(path) as temporary:
        table.to_csv(temporary, index=False, float_format=f"%.{digits}g")


def write_tensors(path: str | Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Write named tensors as safetensors, moved to the CPU and made contiguous."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    with replacing(path) as temporary:
        try:
            save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, temporary)
        except SafetensorError as error:
            raise UserError(f"{path}: cannot be written ({error})") from error


def read_tensors(path: str | Path) -> dict[str, torch.Tensor]:
    """Read all tensors of a safetensors file; raise :class:`UserError` if it is damaged."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except SafetensorError as error:
        raise _damaged(path, error) from error


def read_rows(path: str | Path) -> dict[str, torch.Tensor]:
    """Read the tensors of a data set's file; raise :class:`UserError` if an example is not finite."""
    tensors = read_tensors(path)
    for name, tensor in tensors.items():
        if name.endswith(("/train", "/val", "/test")) and not tensor.isfinite().all():
            raise UserError(f"{path}: {name} holds a NaN or an infinite value; delete the file and run again")
    return tensors


def open_tensors(path: str | Path, framework: str) -> Any:
    """Open a safetensors file in a ``with`` to read single tensors; raise :class:`UserError` if it is damaged."""
    from safetensors import SafetensorError, safe_open

    try:
        return safe_open(path, framework=framework)
    except SafetensorError as error:
        raise _damaged(path, error) from error


def under(tensors: Mapping[str, torch.Tensor], prefix: str | int) -> dict[str, torch.Tensor]:
    """Return the tensors named ``prefix/...``, without the prefix."""
    start = f"{prefix}/"
    return {name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)}


def _damaged(path: str | Path, error: Exception) -> UserError:
    return UserError(f"{path}: not a complete safetensors file ({error}); delete it and run again")
