"""Ranges of settings, as annotations of the fields of plug-ins, and the check of an object's fields against them."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Annotated, Any, get_type_hints

from annotated_types import Ge, Gt, Le, Lt

from ebmbench.core.field_types import FieldType, field_types, refusal

PositiveInt = Annotated[int, Ge(1)]
NonNegativeInt = Annotated[int, Ge(0)]
#: a number from which a variance or a correlation can be estimated
AtLeastTwo = Annotated[int, Ge(2)]
PositiveFloat = Annotated[float, Gt(0)]
NonNegativeFloat = Annotated[float, Ge(0)]
#: a fraction that may be none or all
Fraction = Annotated[float, Ge(0), Le(1)]
#: a fraction that may be all, but not none
PositiveFraction = Annotated[float, Gt(0), Le(1)]
#: a fraction that may be none, but not all, such as a decay rate
ProperFraction = Annotated[float, Ge(0), Lt(1)]


def check_ranges(settings: object) -> None:
    """Raise ``ValueError`` for the first field of a dataclass object whose value its annotation does not admit.

    Planning applies the same check to the values of a configuration (:func:`~ebmbench.core.plugins.check_settings`).
    """
    # typed as Any, because mypy takes no class for hashable
    kind: Any = type(settings)
    for name, types in _types_of(kind).items():
        value = getattr(settings, name)
        wrong = refusal(types, value)
        if wrong:
            raise ValueError(f"{name} = {value!r}{wrong}")


@cache
def _types_of(kind: type) -> dict[str, tuple[FieldType, ...]]:
    if not dataclasses.is_dataclass(kind):
        raise TypeError(f"{kind.__name__} is no dataclass")
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: field_types(hints[field.name]) for field in dataclasses.fields(kind)}
