"""Settings of a data set as a person types them: KEY=VALUE."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from ebmbench.core.errors import UserError


def parsed_settings(given: Iterable[str]) -> dict[str, Any]:
    """Return settings from ``KEY=VALUE``, each value read as YAML; raise :class:`UserError` for another form."""
    found: dict[str, Any] = {}
    for text in given:
        key, sign, value = text.partition("=")
        try:
            found[key.strip()] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise UserError(f"--setting {text}: {' '.join(str(error).split())}") from error
        if not sign or not key.strip():
            raise UserError(f"--setting {text}; allowed: KEY=VALUE, such as drop=id")
    return found
