"""Plug-ins by name: losses, families, data sets, statistics, samplers and more, read without being imported.

A plug-in is a module of one of :data:`PACKAGES`, or of another installed package that names it by an entry point
(:mod:`ebmbench.core.external_plugins`). Its ``__all__`` holds one name: a frozen dataclass whose fields are the
hyper-parameters. The workflow plans a grid with what :func:`fields` reads from the source text, so planning never
imports torch.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ebmbench.core.errors import UserError
from ebmbench.core.external_plugins import GROUPS, external_modules, module_file

PACKAGE = Path(__file__).parent.parent

#: axis of the grid, or choice of a cell, -> package of its plug-ins, below this one
PACKAGES = {
    "dataset": "data",
    "family": "models.families",
    "loss": "training.losses",
    "stats": "training.moment_matching",
    "statistic": "models.statistics",
    "sampler": "inference.samplers",
    "likelihood": "inference.likelihoods",
    "extractor": "evaluation.extractors",
    "experiment": "experiments",
    "figure": "reporting.figures",
}

_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "str": (str,),
    "None": (type(None),),
}

#: the types of the items of tuples
_ITEMS: dict[str, tuple[type, ...]] = {"tuple[str, ...]": (str,), "tuple[float, ...]": (int, float)}


class Field(NamedTuple):
    """A hyper-parameter: its annotation as written, e.g. ``int | None``, and its default."""

    annotation: str
    default: Any

    def admits(self, value: Any) -> bool:
        """Return whether ``value`` has the annotated type (a bool is no number, an int is a float, a list a tuple)."""
        parts = [part.strip() for part in self.annotation.split("|")]
        if isinstance(value, list | tuple):
            return any(all(type(item) in _ITEMS[part] for item in value) for part in parts if part in _ITEMS)
        return any(type(value) in _TYPES[part] for part in parts if part in _TYPES)


def module_name(axis: str, name: str) -> str:
    """Return the dotted name of a plug-in's module."""
    return external_modules(axis).get(name, f"{PACKAGE.name}.{PACKAGES[axis]}.{name}")


def plugin_path(axis: str, name: str) -> Path:
    """Return the file of a plug-in's module; a file of the suite's own may be missing."""
    if name in external_modules(axis):
        return module_file(module_name(axis, name))
    return PACKAGE.joinpath(*PACKAGES[axis].split("."), f"{name}.py")


@cache
def built_in(axis: str) -> tuple[str, ...]:
    """List the names of the suite's own plug-ins of an axis, sorted."""
    folder = PACKAGE.joinpath(*PACKAGES[axis].split("."))
    return tuple(sorted(path.stem for path in folder.glob("*.py") if len(_exported(_parse(path))) == 1))


@cache
def available(axis: str) -> tuple[str, ...]:
    """List the names of all plug-ins of an axis, sorted: the suite's own and those of other installed packages.

    Raises :class:`UserError` for an external plug-in that has the name of one of the suite's, or no class to load.
    """
    for name, module in external_modules(axis).items():
        if name in built_in(axis):
            raise UserError(f"{GROUPS[axis]}: {module}: ebmbench already has a {axis} {name!r}; rename the module")
        if len(_exported(_parse(module_file(module)))) != 1:
            raise UserError(f"{GROUPS[axis]}: {module}: __all__ must contain exactly one name, the plug-in's class")
    return tuple(sorted({*built_in(axis), *external_modules(axis)}))


def class_name(axis: str, name: str) -> str:
    """Return the name of a plug-in's class; raises :class:`UserError` for an unknown plug-in."""
    if name not in available(axis):
        raise UserError(f"{axis} {name!r} is unknown; allowed: {', '.join(available(axis))}")
    return _exported(_parse(plugin_path(axis, name)))[0]


def fields(axis: str, name: str) -> dict[str, Field]:
    """Return the hyper-parameters of a plug-in; raise :class:`UserError` for an unknown name."""
    # the class first: it refuses an unknown name, which has no file
    found = class_name(axis, name)
    return dataclass_fields(plugin_path(axis, name), found)


@cache
def declared(axis: str, name: str, constant: str) -> Any:
    """Return what a plug-in's class declares as ``constant: ClassVar[...] = literal``, or None if it does not.

    Families declare ``losses``, the losses that can train them (any, if undeclared); families, losses and
    moment-matching methods declare what they ``provide`` and ``require`` (:mod:`ebmbench.planning.compatibility`).
    """
    tree = _parse(plugin_path(axis, name))
    (node,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in _exported(tree)]
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.target.id == constant:
            return None if item.value is None else ast.literal_eval(item.value)
    return None


@cache
def dataclass_fields(path: Path, class_name: str) -> dict[str, Field]:
    """Read the annotated fields of a dataclass, including inherited ones, from the source text at ``path``."""
    tree = _parse(path)
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            homes = [home for base in reversed(node.bases) if (home := _home(tree, path, ast.unparse(base)))]
            found = [dataclass_fields(*home) for home in homes] + [_own_fields(node)]
            return {name: field for fields in found for name, field in fields.items()}
    raise LookupError(f"{path}: no class {class_name}")


def _own_fields(node: ast.ClassDef) -> dict[str, Field]:
    """Return the fields that a dataclass itself defines; none if the class is not decorated as a dataclass."""
    if not any(ast.unparse(decorator).startswith("dataclass") for decorator in node.decorator_list):
        return {}
    return {
        item.target.id: Field(ast.unparse(item.annotation), ast.literal_eval(item.value))
        for item in node.body
        if isinstance(item, ast.AnnAssign)
        and isinstance(item.target, ast.Name)
        and item.value is not None
        and not ast.unparse(item.annotation).startswith("ClassVar")
    }


def _home(tree: ast.Module, path: Path, name: str) -> tuple[Path, str] | None:
    """Return the file of a class that ``tree``, read from ``path``, calls ``name``, and its name there.

    None for a class of the standard library or of a package that cannot be located.
    """
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return path, name
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


def load(axis: str, name: str, **settings: Any) -> Any:
    """Import the plug-in ``name`` of ``axis`` and construct it with ``settings``.

    Raises :class:`UserError` for an unknown name, an unknown setting, or a value that the plug-in rejects
    with ``ValueError``.
    """
    known = fields(axis, name)
    check_settings(f"{axis} {name}", known, settings)
    module = importlib.import_module(module_name(axis, name))
    plugin = getattr(module, module.__all__[0])
    try:
        return plugin(**settings)
    except ValueError as error:
        raise UserError(f"{axis} {name}: {error}") from error


def check_settings(where: str, known: dict[str, Field], settings: dict[str, Any]) -> None:
    """Raise :class:`UserError` for a setting that is unknown or of the wrong type."""
    for key, value in settings.items():
        if key not in known:
            raise UserError(f"{where}: {key!r} is unknown; allowed: {', '.join(known) or 'no settings'}")
        if not known[key].admits(value):
            raise UserError(f"{where}: {key} = {value!r} is not of type {known[key].annotation}")


def kind_of(name: str, settings: Mapping[str, Any]) -> str:
    """Return the plug-in behind an entry of an axis: its setting ``kind``, or the entry's own name.

    An axis can thus hold the same plug-in several times, each with other settings.
    """
    return str(settings.get("kind", name))


def own_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plug-in's settings in an entry: all except ``kind``."""
    return {key: value for key, value in settings.items() if key != "kind"}


def load_entry(axis: str, name: str, settings: Mapping[str, Any]) -> Any:
    """Load the plug-in of an entry of an axis (:func:`load`); its settings may include ``kind``."""
    return load(axis, kind_of(name, settings), **own_settings(settings))


def name_of(plugin: Any) -> str:
    """Return the name of a loaded plug-in, which is that of its module."""
    return type(plugin).__module__.rpartition(".")[2]


def settings_of(plugin: Any) -> dict[str, Any]:
    """Return all hyper-parameters of a plug-in, including defaults."""
    return dataclasses.asdict(plugin)


def entry_of(plugin: Any) -> dict[str, Any]:
    """Return the entry from which :func:`load_entry` recreates ``plugin`` under any name: its kind and all settings."""
    return {"kind": name_of(plugin), **settings_of(plugin)}


@cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _exported(tree: ast.Module) -> list[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []
