"""Annotations of fields, evaluated from source text without importing the module that holds them."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from ebmbench.core.field_types import NAMES, RULES, FieldType, field_types
from ebmbench.core.source_text import constants, import_of

#: what a name means that its module neither assigns nor imports from a package of plug-ins
VOCABULARY: dict[str, Any] = {
    **{kind.__name__: kind for kind in (*NAMES, *RULES, tuple)},
    "Annotated": Annotated,
    "Literal": Literal,
}

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {ast.BitOr: operator.or_, ast.Mult: operator.mul}


def types_of(annotation: ast.expr, path: Path) -> tuple[FieldType, ...]:
    """Return the alternatives of the ``annotation`` of a field in the module at ``path``.

    Names are looked up as Python would: in the module, then where it imports them from. Raises LookupError or TypeError
    for anything but constants, their products, :data:`VOCABULARY` and unions.
    """
    return field_types(_evaluated(annotation, path))


def _evaluated(node: ast.expr, path: Path) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return _looked_up(name, path)
        case ast.Tuple(elts=parts):
            return tuple(_evaluated(part, path) for part in parts)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluated(operand, path)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
            return _BINARY[type(sign)](_evaluated(left, path), _evaluated(right, path))
        case ast.Subscript(value=value, slice=inner):
            return _evaluated(value, path)[_evaluated(inner, path)]
        case ast.Call(func=function, args=arguments, keywords=[]):
            return _evaluated(function, path)(*(_evaluated(argument, path) for argument in arguments))
    raise LookupError(ast.unparse(node))


def _looked_up(name: str, path: Path) -> Any:
    if name in constants(path):
        return _evaluated(constants(path)[name], path)
    home = import_of(path, name)
    return VOCABULARY[name] if home is None else _looked_up(home[1], home[0])
