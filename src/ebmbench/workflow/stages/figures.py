"""Stage that draws one figure from explicit lists of files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ebmbench.core import plugins
from ebmbench.reporting.figures.interface import Figure, Inputs


def draw(kind: str, settings: Mapping[str, Any], inputs: Inputs, stem: Path) -> None:
    """Write ``stem.pdf``, ``stem.png`` and ``stem.csv`` of a figure; ``kind``: a plug-in of ``reporting.figures``."""
    figure: Figure = plugins.load("figure", kind, **settings)
    figure(inputs, stem)
