"""Check the content of a YAML file against its schema; one violation becomes one line. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError, best_match

from ebmbench.core.errors import UserError, allowed_names

#: JSON takes 1.0 for an integer; the number of seeds must be one of Python's
_Validator = validators.extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int),
)


def check(content: Any, rules: Mapping[str, Any], file: str = "config") -> None:
    """Raise :class:`UserError` with one line for the violation of the schema ``rules`` that explains ``content`` best.

    ``file``: what the line begins with. A rule's keyword ``form`` describes in words what the rule allows; the line
    quotes it.
    """
    error = best_match(_Validator(rules).iter_errors(content))
    if error is not None:
        raise UserError(_sentence(error, file))


def _sentence(error: ValidationError, file: str) -> str:
    """Describe a violation of the schema in one line: the key, the value, what is allowed."""
    steps = "".join(_steps(error.absolute_path)).lstrip(".")
    where = f"{file}: {steps}" if steps else file
    rule, allowed = error.validator, error.validator_value
    if rule == "additionalProperties":
        keys = error.schema.get("properties", {})
        extra = [key for key in error.instance if key not in keys]
        return f"{where}: {', '.join(map(repr, extra))} is an unknown key; {allowed_names(extra[0], keys)}"
    if rule == "required":
        missing = ", ".join(key for key in allowed if key not in error.instance)
        return f"{where}: {missing} is missing"
    if rule == "enum":
        return f"{where} = {error.instance!r}; {allowed_names(error.instance, allowed)}"
    if rule == "minimum":
        return f"{where} = {error.instance!r}; allowed: {allowed} or more"
    if (form := _form(error)) is not None:
        # a pattern rejects a name, which is a key and no value of the section
        return f"{where}{':' if rule == 'pattern' else ' ='} {error.instance!r}; allowed: {form}"
    if rule == "type":
        kinds = allowed if isinstance(allowed, str) else " or ".join(allowed)
        return f"{where} = {error.instance!r}; allowed: {kinds}"
    return f"{where}: {' '.join(error.message.split())}"


def _form(error: ValidationError) -> str | None:
    """Return the form that the schema wants in the place of an error, or None if it describes none."""
    at: Any = error
    while at is not None and at.absolute_path == error.absolute_path:
        if isinstance(at.schema, Mapping) and "form" in at.schema:
            return str(at.schema["form"])
        at = at.parent
    return None


def _steps(path: Any) -> Iterator[str]:
    for step in path:
        yield f"[{step}]" if isinstance(step, int) else f".{step}"
