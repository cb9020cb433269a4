"""Settings of a calibration study, checked against its dataclass."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ebmbench.core import plugins

Study = TypeVar("Study")


def study_of(name: str, kind: Callable[..., Study], settings: Mapping[str, Any]) -> Study:
    """Make the dataclass ``kind`` with ``settings``; raise :class:`UserError` for unknown or invalid settings."""
    known = plugins.dataclass_fields(Path(inspect.getfile(kind)), kind.__name__)
    plugins.check_settings(f"calibration {name}", known, settings)
    return plugins.construct(f"calibration {name}", kind, settings)
