"""Names of the extractors that a configuration gives a set of images. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ebmbench.core.errors import UserError, allowed_names


def check_extractor(config: Mapping[str, Any], dataset: str, extractor: str, where: str) -> None:
    """Raise :class:`UserError`, which names ``where`` it is asked for, if a data set has no such extractor."""
    allowed = config["extractors"].get(dataset, {})
    if extractor not in allowed:
        names = allowed_names(extractor, allowed, f"none, extractors.{dataset} is empty")
        raise UserError(f"{where}: {extractor!r} is not an extractor of {dataset}; {names}")
