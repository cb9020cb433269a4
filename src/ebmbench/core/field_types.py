"""What the annotation of a setting admits: types, and the ranges that bounds of ``annotated_types`` give them."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Protocol, Union, get_args, get_origin

from annotated_types import BaseMetadata, Ge, GroupedMetadata, Gt, Le, Lt, MinLen, MultipleOf


class Rule(NamedTuple):
    """The attribute that holds a bound's number, how a value is compared with it, and the bound in words."""

    attribute: str
    holds: Callable[[Any, Any], bool]
    words: str


RULES: dict[type, Rule] = {
    Gt: Rule("gt", operator.gt, "above {}"),
    Ge: Rule("ge", operator.ge, "{} or more"),
    Lt: Rule("lt", operator.lt, "below {}"),
    Le: Rule("le", operator.le, "at most {}"),
    MultipleOf: Rule("multiple_of", lambda value, step: value % step == 0, "a multiple of {}"),
    MinLen: Rule("min_length", lambda values, least: len(values) >= least, "{} or more values"),
}

#: type of a single value -> its name in an annotation
NAMES: dict[type, str] = {bool: "bool", int: "int", float: "float", str: "str", NoneType: "None"}


class Bound(NamedTuple):
    """A bound of ``annotated_types``: its rule and its number."""

    rule: Rule
    number: Any

    def holds(self, value: Any) -> bool:
        """Return whether ``value`` is within the bound."""
        return self.rule.holds(value, self.number)

    @property
    def words(self) -> str:
        """The bound in words, e.g. ``above 0``."""
        return self.rule.words.format(self.number)


class FieldType(Protocol):
    """One alternative of an annotation, e.g. one of the two of ``PositiveInt | None``."""

    @property
    def name(self) -> str:
        """The type as in an annotation, without its range."""
        ...

    @property
    def words(self) -> str:
        """The range in words, empty for a type without one."""
        ...

    def within(self, bounds: tuple[Bound, ...]) -> FieldType:
        """Return the type with ``bounds``; raise TypeError for a type that can have none."""
        ...

    def fits(self, value: Any) -> bool:
        """Return whether ``value`` has the type."""
        ...

    def admits(self, value: Any) -> bool:
        """Return whether ``value``, which has the type, is in the range."""
        ...


@dataclass(frozen=True)
class Scalar:
    """A bool, int, float or str; a bool is no number, an int is a float, and a float must be finite."""

    kind: type
    bounds: tuple[Bound, ...] = ()

    @property
    def name(self) -> str:
        """The name of the type."""
        return NAMES[self.kind]

    @property
    def words(self) -> str:
        """The bounds."""
        return " and ".join(bound.words for bound in self.bounds)

    def within(self, bounds: tuple[Bound, ...]) -> FieldType:
        """Return the type with ``bounds``."""
        return replace(self, bounds=bounds)

    def fits(self, value: Any) -> bool:
        """Return whether ``value`` has this very type, or is an int in place of a float."""
        return type(value) is self.kind or (self.kind is float and type(value) is int)

    def admits(self, value: Any) -> bool:
        """Return whether ``value`` is finite and within all bounds."""
        return _finite(value) and all(bound.holds(value) for bound in self.bounds)


@dataclass(frozen=True)
class Constant:
    """One value: None, or one of those that ``Literal`` lists."""

    value: Any

    @property
    def name(self) -> str:
        """The name of the value's type."""
        return NAMES[type(self.value)]

    @property
    def words(self) -> str:
        """The value."""
        return repr(self.value)

    def within(self, bounds: tuple[Bound, ...]) -> FieldType:
        """Raise TypeError: one value is no range."""
        raise TypeError(f"{self.value!r} can have no bounds")

    def fits(self, value: Any) -> bool:
        """Return whether ``value`` has the type of the one value."""
        return type(value) is type(self.value)

    def admits(self, value: Any) -> bool:
        """Return whether ``value`` is the one value."""
        return bool(value == self.value)


@dataclass(frozen=True)
class Several:
    """A tuple, or in its place a list, of any number of values of one type."""

    item: FieldType
    bounds: tuple[Bound, ...] = ()

    @property
    def name(self) -> str:
        """The type of the tuple."""
        return f"tuple[{self.item.name}, ...]"

    @property
    def words(self) -> str:
        """The bounds of the tuple, then those of each value."""
        each = [f"each {self.item.words}"] if self.item.words else []
        return ", ".join([*(bound.words for bound in self.bounds), *each])

    def within(self, bounds: tuple[Bound, ...]) -> FieldType:
        """Return the type with ``bounds``."""
        return replace(self, bounds=bounds)

    def fits(self, value: Any) -> bool:
        """Return whether ``value`` is a list or tuple whose values all have the type."""
        return isinstance(value, list | tuple) and all(map(self.item.fits, value))

    def admits(self, value: Any) -> bool:
        """Return whether the tuple is within its bounds and each value within its own."""
        return all(bound.holds(value) for bound in self.bounds) and all(map(self.item.admits, value))


def field_types(hint: Any) -> tuple[FieldType, ...]:
    """Return the alternatives of an evaluated annotation; raise TypeError for one that settings cannot have."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return tuple(kind for argument in arguments for kind in field_types(argument))
    if origin is Literal:
        return tuple(map(Constant, arguments))
    if origin is Annotated:
        (kind,) = field_types(arguments[0])
        return (kind.within(_bounds(arguments[1:])),)
    if origin is tuple and arguments[1:] == (...,):
        (item,) = field_types(arguments[0])
        return (Several(item),)
    if hint in (None, NoneType):
        return (Constant(None),)
    if hint in NAMES:
        return (Scalar(hint),)
    raise TypeError(f"{hint} is no type of a setting")


def _bounds(marks: Sequence[Any]) -> tuple[Bound, ...]:
    """Return the bounds among the marks of an annotation; raise TypeError for a bound that has no rule."""
    bounds = [mark for mark in marks if isinstance(mark, BaseMetadata | GroupedMetadata)]
    for bound in bounds:
        if type(bound) not in RULES:
            raise TypeError(f"{bound} is no bound of a setting; allowed: {', '.join(kind.__name__ for kind in RULES)}")
    rules = [RULES[type(bound)] for bound in bounds]
    return tuple(Bound(rule, getattr(bound, rule.attribute)) for rule, bound in zip(rules, bounds, strict=True))


def name_of_types(types: Sequence[FieldType]) -> str:
    """Return the types without their ranges, e.g. ``int | None``."""
    return " | ".join(dict.fromkeys(kind.name for kind in types))


def range_of(types: Sequence[FieldType]) -> str:
    """Return the ranges in words, e.g. ``1 or more, or None``; empty where one of the types has no range."""
    words = [kind.words for kind in types]
    return ", or ".join(words) if all(words) else ""


def refusal(types: Sequence[FieldType], value: Any) -> str:
    """Return what is wrong with ``value``, to follow ``name = value``; empty if one of ``types`` admits it."""
    fitting = [kind for kind in types if kind.fits(value)]
    if not fitting:
        return f" is not of type {name_of_types(types)}"
    if any(kind.admits(value) for kind in fitting):
        return ""
    return f"; allowed: {' and '.join(filter(None, [*([] if _finite(value) else ['finite']), range_of(types)]))}"


def _finite(value: Any) -> bool:
    """Return whether no number of ``value``, one or several, is NaN or infinite."""
    items = value if isinstance(value, list | tuple) else [value]
    return all(math.isfinite(item) for item in items if type(item) is float)
