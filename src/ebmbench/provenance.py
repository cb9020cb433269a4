"""Which code, versions and machine made a result. Imports no torch."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import os
import platform
import resource
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).parent.parent

#: the packages whose version can change a number
PACKAGES = ("numpy", "pandas", "safetensors", "scikit-learn", "scipy", "torch", "zuko")


def code_digest(modules: Iterable[str]) -> str:
    """sha256 (16 hex digits) over the source of ``modules`` and of all that they import inside the package.

    Imports are read from the source text (also those inside functions), so a plug-in that is loaded by name
    counts only for the cells that name it.
    """
    digest = hashlib.sha256()
    for module in sorted(closure(modules)):
        digest.update(module.encode() + b"\0" + _source(module).text + b"\0")
    return digest.hexdigest()[:16]


def closure(modules: Iterable[str]) -> set[str]:
    """The modules and everything inside the package that they import, directly or not."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting.extend(_source(module).imports)
    return found


def versions() -> dict[str, str]:
    """Python's version and those of :data:`PACKAGES`."""
    return {"python": platform.python_version()} | {p: importlib.metadata.version(p) for p in PACKAGES}


def host() -> dict[str, str | int]:
    """What the run was made on: processor, cores, system; no host name."""
    return {
        "machine": platform.machine(),
        "system": platform.system(),
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
    }


def peak_memory_mb() -> float:
    """Peak resident memory of this process so far, in MB (10^6 bytes)."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


class Source(NamedTuple):
    """A module's text, and the modules of the package that its import statements name."""

    text: bytes
    imports: tuple[str, ...]


@cache
def _source(module: str) -> Source:
    """As it was when this process first asked."""
    found, text = [], _path(module).read_bytes()
    for node in _statements(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return Source(text, tuple(name for name in found if name.startswith("ebmbench") and _path(name).is_file()))


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """All below ``node``, to any depth, without a look at expressions: these hold no import, and are most of it."""
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        below = getattr(node, block, ())
        for statement in below if isinstance(below, list) else ():
            yield statement
            yield from _statements(statement)


def _path(module: str) -> Path:
    base = SOURCE.joinpath(*module.split("."))
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
