"""Digests of the package's source: of modules and of all that they import. Imports no torch."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

#: the folder that holds the package
SOURCE = Path(__file__).parent.parent.parent


class Source(NamedTuple):
    """A module's text, and the modules of the package that its import statements name."""

    text: bytes
    imports: tuple[str, ...]


class Sources:
    """The package's modules, each read once: as they were when first asked for.

    ``text`` gives a file by its path below the source folder, e.g. ``ebmbench/training/losses/ed.py``, or None where
    there is none.
    """

    def __init__(self, text: Callable[[str], bytes | None]) -> None:
        self._text = text
        self._read: dict[str, bytes | None] = {}
        self._parsed: dict[str, Source] = {}

    def digest(self, modules: Iterable[str]) -> str:
        """sha256 (16 hex digits) over the source of ``modules`` and of all that they import inside the package.

        Imports are read from the source text (also those inside functions), so a plug-in that is loaded by name
        counts only for the cells that name it. Raises :class:`KeyError` for a module that there is not.
        """
        digest = hashlib.sha256()
        for module in sorted(self.closure(modules)):
            digest.update(module.encode() + b"\0" + self._source(module).text + b"\0")
        return digest.hexdigest()[:16]

    def closure(self, modules: Iterable[str]) -> set[str]:
        """The modules and everything inside the package that they import, directly or not."""
        found: set[str] = set()
        waiting = list(modules)
        while waiting:
            module = waiting.pop()
            if module not in found:
                found.add(module)
                waiting.extend(self._source(module).imports)
        return found

    def has(self, module: str) -> bool:
        """Whether there is such a module."""
        return self._of(module) is not None

    def _source(self, module: str) -> Source:
        if module not in self._parsed:
            text = self._of(module)
            if text is None:
                raise KeyError(module)
            named = (name for name in _named(text) if name.startswith("ebmbench"))
            self._parsed[module] = Source(text, tuple(name for name in named if self._of(name) is not None))
        return self._parsed[module]

    def _of(self, module: str) -> bytes | None:
        if module not in self._read:
            path = module.replace(".", "/")
            package = self._text(f"{path}/__init__.py")
            self._read[module] = self._text(f"{path}.py") if package is None else package
        return self._read[module]


def installed(source: Path = SOURCE) -> Sources:
    """The modules of the folder ``source``: of this package itself."""

    def text(path: str) -> bytes | None:
        return source.joinpath(path).read_bytes() if source.joinpath(path).is_file() else None

    return Sources(text)


@cache
def _own() -> Sources:
    return installed()


def code_digest(modules: Iterable[str]) -> str:
    """:meth:`Sources.digest` of this package, as it was when this process first asked."""
    return _own().digest(modules)


def _named(text: bytes) -> list[str]:
    """What the import statements of a source text name."""
    found: list[str] = []
    for node in _statements(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return found


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """All below ``node``, to any depth, without a look at expressions: these hold no import, and are most of it."""
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        below = getattr(node, block, ())
        for statement in below if isinstance(below, list) else ():
            yield statement
            yield from _statements(statement)
