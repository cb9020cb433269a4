"""Settings of a data set as a person types them: KEY=VALUE."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from typing import Any

import yaml

from ebmbench.core.errors import UserError

#: signs between columns, as typed, that YAML would read as something else; ``\t`` is how a shell passes on "\t"
_SIGNS = {r"\t": "\t", "\t": "\t", ",": ",", "|": "|", " ": " "}

#: settings that are no one's to give, and why
_TAKEN = {
    "kind": "choose compares methods on tables only; allowed: a table, and settings of the kind table",
    "path": "TABLE is the file; allowed: the other settings of the kind table",
}

#: what a message says to write in a configuration: a list, whose names may be in quotes, or a text
_WRITE = re.compile(r"""\bwrite (\w+): (\[(?:'[^']*'|"[^"]*"|[^\]'"])*\]|"[^"]*"|\w+)""")


def parsed_settings(given: Iterable[str]) -> dict[str, Any]:
    """Return settings from ``KEY=VALUE``, each value read as YAML; raise :class:`UserError` for another form.

    A sign between columns stands for itself, and ``\\t`` for a tab.
    """
    found: dict[str, Any] = {}
    for text in given:
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise UserError(f"--setting {text}; allowed: KEY=VALUE, such as drop=id")
        try:
            found[key.strip()] = _SIGNS[value] if value in _SIGNS else yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise UserError(
                f"--setting {text}: the value cannot be read; allowed: a number, a text, in quotes if it holds signs, "
                "or a list such as [id, name]"
            ) from error
    return found


def check_free(settings: Iterable[str]) -> None:
    """Raise :class:`UserError` for a setting that the choice gives itself."""
    for key in settings:
        if key in _TAKEN:
            raise UserError(f"--setting {key}: {_TAKEN[key]}")


def with_option(line: str) -> str:
    """Return a message with what it says to write in a configuration, if anything, as an option of choose as well."""
    found = _WRITE.search(line)
    return f"{line}; with choose: --setting {shlex.quote(f'{found[1]}={found[2]}')}" if found else line
