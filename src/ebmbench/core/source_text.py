"""Modules read as source text, without being imported: what they assign, and where they import names from."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from ebmbench.core.external_plugins import GROUPS, external_modules, module_file

PACKAGE = Path(__file__).parent.parent


@cache
def parse(path: Path) -> ast.Module:
    """Return the syntax tree of the module at ``path``."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def constants(path: Path) -> dict[str, ast.expr]:
    """Return what the module at ``path`` assigns to single names, not evaluated."""
    found: dict[str, ast.expr] = {}
    for node in parse(path).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found[name] = value
    return found


def import_of(path: Path, name: str) -> tuple[Path, str] | None:
    """Return the file from which the module at ``path`` imports ``name``, and its name there.

    None for a name that it does not import, or imports from the standard library or a package without plug-ins.
    """
    for node in parse(path).body:
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        for alias in node.names:
            if (alias.asname or alias.name) == name:
                home = _located(node.module)
                return None if home is None else (home, alias.name)
    return None


def _located(module: str) -> Path | None:
    package, _, inside = module.partition(".")
    if package == PACKAGE.name:
        return PACKAGE.joinpath(*inside.split(".")).with_suffix(".py")
    external = {found.partition(".")[0] for axis in GROUPS for found in external_modules(axis).values()}
    return module_file(module) if package in external else None
