"""Plug-ins by name: one module each, found by listing a folder and read without being imported.

A plug-in is a module of ``data``, ``families``, ``losses``, ``statistics``, ``samplers``, ``likelihoods``,
``extractors``, ``experiments`` or ``figures`` whose ``__all__`` holds one name: a frozen dataclass whose fields are the
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

#: of tuples, the types of their items
_ITEMS: dict[str, tuple[type, ...]] = {"tuple[str, ...]": (str,), "tuple[float, ...]": (int, float)}


class Field(NamedTuple):
    """A hyper-parameter: its annotation as written, e.g. ``int | None``, and its default."""

    annotation: str
    default: Any

    def admits(self, value: Any) -> bool:
        """Whether ``value`` has the annotated type (a bool is no number, an int is a float, a list is a tuple)."""
        parts = [part.strip() for part in self.annotation.split("|")]
        if isinstance(value, list | tuple):
            return any(all(type(item) in _ITEMS[part] for item in value) for part in parts if part in _ITEMS)
        return any(type(value) in _TYPES[part] for part in parts if part in _TYPES)


def module_name(axis: str, name: str) -> str:
    """The dotted name of a plug-in's module."""
    return f"{PACKAGE.name}.{PACKAGES[axis]}.{name}"


def plugin_path(axis: str, name: str) -> Path:
    """The file of a plug-in's module, whether there is one or not."""
    return PACKAGE.joinpath(*PACKAGES[axis].split("."), f"{name}.py")


@cache
def available(axis: str) -> tuple[str, ...]:
    """Names of the plug-ins of an axis, sorted."""
    folder = plugin_path(axis, "*").parent
    return tuple(sorted(path.stem for path in folder.glob("*.py") if len(_exported(_parse(path))) == 1))


def fields(axis: str, name: str) -> dict[str, Field]:
    """Hyper-parameters of a plug-in; raises :class:`UserError` for an unknown name."""
    if name not in available(axis):
        raise UserError(f"{axis} {name!r} is unknown; allowed: {', '.join(available(axis))}")
    path = plugin_path(axis, name)
    return dataclass_fields(path, _exported(_parse(path))[0])


@cache
def dataclass_fields(path: Path, class_name: str) -> dict[str, Field]:
    """The annotated fields of a dataclass, those it inherits included, read from the source text at ``path``."""
    tree = _parse(path)
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            homes = [home for base in reversed(node.bases) if (home := _home(tree, path, ast.unparse(base)))]
            found = [dataclass_fields(*home) for home in homes] + [_own_fields(node)]
            return {name: field for fields in found for name, field in fields.items()}
    raise LookupError(f"{path}: no class {class_name}")


def _own_fields(node: ast.ClassDef) -> dict[str, Field]:
    """The fields that a dataclass adds; none where it is not decorated as one."""
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
    """The file of a class that ``tree``, read from ``path``, calls ``name``, and its name there; None outside."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return path, name
        for alias in node.names if isinstance(node, ast.ImportFrom) else ():
            package, _, inside = (node.module or "").partition(".")
            if (alias.asname or alias.name) == name and package == PACKAGE.name:
                return PACKAGE.joinpath(*inside.split(".")).with_suffix(".py"), alias.name
    return None


def load(axis: str, name: str, **settings: Any) -> Any:
    """Import the plug-in ``name`` of ``axis`` and make it with ``settings``.

    Raises :class:`UserError` for an unknown name, an unknown setting, or a value that the plug-in refuses
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
            raise UserError(f"{where}: {key!r} is unknown; allowed: {', '.join(known) or 'no setting'}")
        if not known[key].admits(value):
            raise UserError(f"{where}: {key} = {value!r} is not of type {known[key].annotation}")


def kind_of(name: str, settings: Mapping[str, Any]) -> str:
    """The plug-in behind an entry of an axis: its setting ``kind``, or the entry's own name.

    So one plug-in stands on an axis as often as the configuration names it, each time with other settings.
    """
    return str(settings.get("kind", name))


def own_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of an entry that are the plug-in's: all but ``kind``."""
    return {key: value for key, value in settings.items() if key != "kind"}


def load_entry(axis: str, name: str, settings: Mapping[str, Any]) -> Any:
    """:func:`load` for an entry of an axis with its settings, ``kind`` among them or not."""
    return load(axis, kind_of(name, settings), **own_settings(settings))


def name_of(plugin: Any) -> str:
    """The name of a loaded plug-in: its module's."""
    return type(plugin).__module__.rpartition(".")[2]


def settings_of(plugin: Any) -> dict[str, Any]:
    """All hyper-parameters of a plug-in, defaults included."""
    return dataclasses.asdict(plugin)


def entry_of(plugin: Any) -> dict[str, Any]:
    """What :func:`load_entry` makes ``plugin`` from again, under any name: its kind and all its settings."""
    return {"kind": name_of(plugin), **settings_of(plugin)}


@cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _exported(tree: ast.Module) -> list[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []
