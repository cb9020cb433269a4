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
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from ebmbench.core.annotations import types_of
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.core.external_plugins import GROUPS, external_modules, module_file
from ebmbench.core.field_types import NAMES, FieldType, name_of_types, range_of, refusal
from ebmbench.core.source_text import PACKAGE, import_of, parse

Made = TypeVar("Made")

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


class Field(NamedTuple):
    """A hyper-parameter: the alternatives of its annotation, each a type with its range, and its default."""

    types: tuple[FieldType, ...]
    default: Any

    def refusal(self, value: Any) -> str:
        """Return why ``value`` is not allowed, as :func:`~ebmbench.core.field_types.refusal`; empty if it is."""
        return refusal(self.types, value)

    @property
    def type_name(self) -> str:
        """The types, e.g. ``int | None``."""
        return name_of_types(self.types)

    @property
    def range(self) -> str:
        """The range in words, e.g. ``above 0``; empty if any value of the type is admitted."""
        return range_of(self.types)


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
    return tuple(sorted(path.stem for path in folder.glob("*.py") if len(_exported(parse(path))) == 1))


@cache
def available(axis: str) -> tuple[str, ...]:
    """List the names of all plug-ins of an axis, sorted: the suite's own and those of other installed packages.

    Raises :class:`UserError` for an external plug-in that has the name of one of the suite's, or no class to load.
    """
    for name, module in external_modules(axis).items():
        if name in built_in(axis):
            raise UserError(f"{GROUPS[axis]}: {module}: ebmbench already has a {axis} {name!r}; rename the module")
        if len(_exported(parse(module_file(module)))) != 1:
            raise UserError(f"{GROUPS[axis]}: {module}: __all__ must contain exactly one name, the plug-in's class")
    return tuple(sorted({*built_in(axis), *external_modules(axis)}))


def class_name(axis: str, name: str) -> str:
    """Return the name of a plug-in's class; raises :class:`UserError` for an unknown plug-in."""
    if name not in available(axis):
        raise UserError(f"{axis} {name!r} is unknown; {allowed_names(name, available(axis))}")
    return _exported(parse(plugin_path(axis, name)))[0]


@cache
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
    tree = parse(plugin_path(axis, name))
    (node,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in _exported(tree)]
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.target.id == constant:
            return None if item.value is None else ast.literal_eval(item.value)
    return None


@cache
def dataclass_fields(path: Path, class_name: str) -> dict[str, Field]:
    """Read the annotated fields of a dataclass, including inherited ones, from the source text at ``path``.

    Raises :class:`UserError` for an annotation that cannot be read without importing the module.
    """
    for node in parse(path).body:
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            homes = [home for base in reversed(node.bases) if (home := _home(path, ast.unparse(base)))]
            found = [dataclass_fields(*home) for home in homes] + [_own_fields(node, path)]
            return {name: field for fields in found for name, field in fields.items()}
    raise LookupError(f"{path}: no class {class_name}")


def _own_fields(node: ast.ClassDef, path: Path) -> dict[str, Field]:
    """Return the fields that a dataclass itself defines; none if the class is not decorated as a dataclass."""
    if not any(ast.unparse(decorator).startswith("dataclass") for decorator in node.decorator_list):
        return {}
    return {
        item.target.id: Field(_types(item.annotation, path), ast.literal_eval(item.value))
        for item in node.body
        if isinstance(item, ast.AnnAssign)
        and isinstance(item.target, ast.Name)
        and item.value is not None
        and not ast.unparse(item.annotation).startswith("ClassVar")
    }


def _types(annotation: ast.expr, path: Path) -> tuple[FieldType, ...]:
    try:
        return types_of(annotation, path)
    except (LookupError, TypeError) as error:
        raise UserError(
            f"{path}:{annotation.lineno}: {ast.unparse(annotation)}: a setting's type must be read without importing "
            f"the module ({error}); allowed: {', '.join(NAMES.values())}, tuples of these, and ebmbench.core.ranges"
        ) from error


def _home(path: Path, name: str) -> tuple[Path, str] | None:
    """Return the file of a class that the module at ``path`` calls ``name``, and its name there; None if unknown."""
    own = any(isinstance(node, ast.ClassDef) and node.name == name for node in parse(path).body)
    return (path, name) if own else import_of(path, name)


def inherits(axis: str, name: str, base: str) -> bool:
    """Return whether a plug-in's class inherits from a class called ``base``, as the source text says."""
    return _inherits(plugin_path(axis, name), class_name(axis, name), base)


@cache
def _inherits(path: Path, name: str, base: str) -> bool:
    for node in parse(path).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            bases = [ast.unparse(of) for of in node.bases]
            homes = [home for of in bases if (home := _home(path, of))]
            return base in bases or any(_inherits(*home, base) for home in homes)
    return False


def load(axis: str, name: str, **settings: Any) -> Any:
    """Import the plug-in ``name`` of ``axis`` and construct it with ``settings``.

    Raises :class:`UserError` for an unknown name, an unknown setting, or a value that the plug-in rejects
    with ``ValueError``.
    """
    return load_as(f"{axis} {name}", axis, name, settings)


def load_as(where: str, axis: str, name: str, settings: Mapping[str, Any]) -> Any:
    """Import and construct a plug-in as :func:`load`; the message of an error begins with ``where``."""
    check_settings(where, fields(axis, name), settings)
    module = importlib.import_module(module_name(axis, name))
    return construct(where, getattr(module, module.__all__[0]), settings)


def construct(where: str, kind: Callable[..., Made], settings: Mapping[str, Any]) -> Made:
    """Call ``kind`` with ``settings``; turn its ``ValueError`` into a :class:`UserError` that begins with ``where``."""
    try:
        return kind(**settings)
    except ValueError as error:
        raise UserError(f"{where}: {error}") from error


def check_settings(where: str, known: Mapping[str, Field], settings: Mapping[str, Any]) -> None:
    """Raise :class:`UserError` for a setting that is unknown, of the wrong type or out of its range."""
    for key, value in settings.items():
        if key not in known:
            raise UserError(f"{where}: {key!r} is unknown; {allowed_names(key, known, 'no settings')}")
        wrong = known[key].refusal(value)
        if wrong:
            raise UserError(f"{where}: {key} = {value!r}{wrong}")


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


def _exported(tree: ast.Module) -> list[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []
