"""What to write in a configuration to leave columns of a table out."""

from __future__ import annotations

from collections.abc import Sequence

import yaml


def write_drop(names: Sequence[str]) -> str:
    """Return what to write in a configuration to leave out columns, such as ``write drop: [site]``."""
    spelled = yaml.safe_dump(list(names), default_flow_style=True, allow_unicode=True, width=float("inf"))
    return f"write drop: {spelled.strip()}"
