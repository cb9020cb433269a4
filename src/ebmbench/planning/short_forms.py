"""Short forms in a configuration: names without settings stand for their defaults. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: keyword of the schema for a map of names to settings that may be given in a short form
LIST_OF_NAMES = "listOfNames"


def expanded(content: Any, schema: Mapping[str, Any]) -> Any:
    """Return ``content`` with each short form that ``schema`` allows written out as a map of names to settings.

    A name, or a list of different names, becomes a map from each to ``{}``; so does an entry without a value. Anything
    else stays as it is, for the schema to refuse.
    """
    return _expanded(content, schema, schema)


def _expanded(content: Any, rule: Any, schema: Mapping[str, Any]) -> Any:
    rule = _resolved(rule, schema)
    if rule.get(LIST_OF_NAMES):
        content = _named(content)
    if isinstance(content, Mapping):
        of_name, of_others = rule.get("properties", {}), rule.get("additionalProperties")
        return {name: _expanded(value, of_name.get(name, of_others), schema) for name, value in content.items()}
    if isinstance(content, list):
        return [_expanded(item, rule.get("items"), schema) for item in content]
    return content


def _resolved(rule: Any, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the rule that ``rule`` refers to, or ``rule`` itself; an empty one where it is no map of keywords."""
    if not isinstance(rule, Mapping):
        return {}
    if "$ref" not in rule:
        return rule
    return _resolved(schema["$defs"][rule["$ref"].rpartition("/")[2]], schema)


def _named(content: Any) -> Any:
    """Return a map of names to settings from a name, a list of different names, or a map with empty entries."""
    names = [content] if isinstance(content, str) else content
    if isinstance(names, list) and names and all(isinstance(name, str) for name in names):
        return {name: {} for name in names} if len(set(names)) == len(names) else content
    if isinstance(content, Mapping):
        return {name: {} if settings is None else settings for name, settings in content.items()}
    return content
