"""The starter configuration: a small grid that runs in about a minute, to copy and change."""

from __future__ import annotations

import shlex
from pathlib import Path

from ebmbench.core.errors import UserError
from ebmbench.core.files import write_text

#: a configuration with comments; README and docs/guide/own_configuration.md quote it
STARTER = Path(__file__).with_suffix(".yaml")


def write_starter(path: Path) -> str:
    """Write the starter configuration to the new file ``path`` and return the command that runs it.

    Raises :class:`UserError` if ``path`` exists.
    """
    if path.exists():
        raise UserError(f"{path}: the file exists; allowed: a new file")
    write_text(path, STARTER.read_text(encoding="utf-8"))
    return f"snakemake --cores all --configfile {shlex.quote(str(path))}"
