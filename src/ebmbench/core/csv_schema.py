"""Read CSV tables and check them row by row against a JSON schema.

Fields stay text as read from the file until the check, so a table assembled from others keeps exactly
their digits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from ebmbench.core.errors import UserError, allowed_names

Schema = Mapping[str, Any]


def read_text(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read a CSV file with every field as text; raise :class:`UserError` unless it has exactly ``columns``."""
    table = read_fields(path)
    missing = [name for name in columns if name not in table.columns]
    unknown = [name for name in table.columns if name not in columns]
    if missing:
        others = allowed_names(missing[0], unknown, label="unknown")
        raise UserError(f"{path}: columns missing: {', '.join(missing)}; {others}; needed: {', '.join(columns)}")
    if unknown:
        raise UserError(f"{path}: columns unknown: {', '.join(unknown)}; {allowed_names(unknown[0], columns)}")
    return table[list(columns)]


def read_fields(path: Path) -> pd.DataFrame:
    """Read a CSV file with every field as text, whatever its columns; a field that a short row lacks is empty."""
    return _read(path, dtype=str, keep_default_na=False).fillna("")


def read_typed(path: Path) -> pd.DataFrame:
    """Read a CSV file: numbers become numbers, empty fields missing; ``none``, ``null`` and ``NA`` stay text."""
    return _read(path, keep_default_na=False, na_values=[""])


def check(table: pd.DataFrame, schema: Schema, where: Path) -> None:
    """Raise :class:`UserError` for the first row that violates ``schema``: file, row, column and allowed values.

    Rows count from 1, without the header. An empty field is null where the schema allows that.
    """
    for number, texts, errors in _invalid(table, schema):
        raise UserError(f"{where}: row {number}: {_sentence(best_match(errors), texts, schema)}")


def violations(table: pd.DataFrame, schema: Schema) -> Iterator[tuple[int, str]]:
    """Yield the number of each row that violates ``schema`` and a sentence, one for each column at fault."""
    for number, texts, errors in _invalid(table, schema):
        faults: dict[Sequence[str | int], list[ValidationError]] = {}
        for error in errors:
            faults.setdefault(tuple(error.absolute_path), []).append(error)
        yield from ((number, _sentence(best_match(of), texts, schema)) for of in faults.values())


def _invalid(table: pd.DataFrame, schema: Schema) -> Iterator[tuple[int, Mapping[str, str], Iterator[ValidationError]]]:
    """Yield the number, the fields and the errors of each row that violates ``schema``."""
    validator = Draft202012Validator(dict(schema))
    properties = schema["properties"]
    for number, texts in enumerate(table.to_dict("records"), start=1):
        row = {name: _value(text, properties.get(name, {})) for name, text in texts.items()}
        if not validator.is_valid(row):
            yield number, texts, validator.iter_errors(row)


def _read(path: Path, **options: Any) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, **options)
    except FileNotFoundError as error:
        raise UserError(f"{path}: the file is missing") from error
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a CSV table ({' '.join(str(error).split())})") from error
    if not isinstance(table.index, pd.RangeIndex):
        raise UserError(f"{path}: not a CSV table (row 1 has more fields than the header)")
    return table


def _value(text: str, rule: Schema) -> str | float | None:
    kinds = rule.get("type", rule.get("enum", ["null"]))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if text == "" and ("null" in kinds or None in kinds):
        return None
    return _number(text) if {"number", "integer"} & set(kinds) else text


def _number(text: str) -> str | float:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _sentence(error: ValidationError, texts: Mapping[str, str], schema: Schema) -> str:
    """Describe a violation in one field, e.g. ``value = '0.5' with status diverged; allowed: empty``."""
    if not error.absolute_path:
        return " ".join(error.message.split())
    column = str(error.absolute_path[0])
    reported = " and ".join(f"{name} {texts[name]}" for name in _conditions(error, schema))
    return f"{column} = {texts[column]!r}{f' with {reported}' if reported else ''}; allowed: {_allowed(error)}"


def _conditions(error: ValidationError, schema: Schema) -> list[str]:
    """Return the columns on whose values the violated rule depends."""
    names: list[str] = []
    rule: Any = schema
    for step in error.absolute_schema_path:
        names += rule["if"]["properties"] if step in ("then", "else") else []
        rule = rule[step]
    return names


def _allowed(error: ValidationError) -> str:
    rule, wanted = error.validator, error.validator_value
    if rule == "minimum":
        return f"{wanted} or more"
    if rule == "exclusiveMinimum":
        return f"above {wanted}"
    if rule == "pattern":
        return f"text of the form {wanted}"
    names = [wanted] if isinstance(wanted, str) else wanted
    return ", ".join("empty" if name in ("null", None) else str(name) for name in names)
