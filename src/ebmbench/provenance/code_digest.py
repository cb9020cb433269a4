"""Code digest: hash of the source of modules and of everything they import. Imports no torch."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ebmbench.core.external_plugins import source_root

#: the folder that holds the package
SOURCE = Path(__file__).parent.parent.parent

PACKAGE = "ebmbench"


class Source(NamedTuple):
    """A module's text, and the modules named by its import statements that the digest covers."""

    text: bytes
    imports: tuple[str, ...]


class Sources:
    """The source of modules, each read once, on first use.

    ``text`` returns a file by its path below the source folder, e.g. ``ebmbench/training/losses/ed.py``, or None if it
    does not exist.
    """

    def __init__(self, text: Callable[[str], bytes | None]) -> None:
        self._text = text
        self._read: dict[str, bytes | None] = {}
        self._parsed: dict[str, Source] = {}

    def digest(self, modules: Iterable[str]) -> str:
        """Return the sha256 (16 hex digits) of the source of ``modules`` and of their :meth:`closure`.

        Imports are read from the source text (also those inside functions), so a plug-in that is loaded by name
        counts only for the cells that name it. Raises :class:`KeyError` for an unknown module.
        """
        digest = hashlib.sha256()
        for module in sorted(self.closure(modules)):
            digest.update(module.encode() + b"\0" + self._source(module).text + b"\0")
        return digest.hexdigest()[:16]

    def closure(self, modules: Iterable[str]) -> set[str]:
        """Return the modules and everything that they import, directly or not, from this package or their own."""
        found: set[str] = set()
        waiting = list(modules)
        while waiting:
            module = waiting.pop()
            if module not in found:
                found.add(module)
                waiting.extend(self._source(module).imports)
        return found

    def has(self, module: str) -> bool:
        """Return whether the module exists."""
        return self._of(module) is not None

    def _source(self, module: str) -> Source:
        if module not in self._parsed:
            text = self._of(module)
            if text is None:
                raise KeyError(module)
            packages = {PACKAGE, module.partition(".")[0]}
            named = (name for name in _named(text) if name.partition(".")[0] in packages)
            self._parsed[module] = Source(text, tuple(name for name in named if self._of(name) is not None))
        return self._parsed[module]

    def _of(self, module: str) -> bytes | None:
        if module not in self._read:
            path = module.replace(".", "/")
            package = self._text(f"{path}/__init__.py")
            self._read[module] = self._text(f"{path}.py") if package is None else package
        return self._read[module]


def installed(source: Path = SOURCE) -> Sources:
    """Return the sources of this package, below the folder ``source``, and of other installed packages."""

    def text(path: str) -> bytes | None:
        package = path.partition("/")[0].removesuffix(".py")
        root = source if package == PACKAGE else source_root(package)
        return root.joinpath(path).read_bytes() if root is not None and root.joinpath(path).is_file() else None

    return Sources(text)


@cache
def _own() -> Sources:
    return installed()


def code_digest(modules: Iterable[str]) -> str:
    """Return :meth:`Sources.digest` of the installed modules, as they were when this process first read them."""
    return _own().digest(modules)


def _named(text: bytes) -> list[str]:
    """Return the names in the import statements of a source text."""
    found: list[str] = []
    for node in _statements(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return found


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all statements below ``node``, to any depth; expressions, the bulk of the tree, hold no import."""
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        below = getattr(node, block, ())
        for statement in below if isinstance(below, list) else ():
            yield statement
            yield from _statements(statement)
