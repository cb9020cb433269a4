"""The command that runs Snakemake on a configuration, for verbs that need some of a grid's files."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ebmbench.core.errors import UserError


def checkout(root: Path) -> Path:
    """Return ``root`` as an absolute path; raise :class:`UserError` if no workflow is there."""
    if not (root / "Snakefile").is_file():
        raise UserError(f"{root / 'Snakefile'}: the file is missing; run this in a checkout, or give --root")
    return root.resolve()


def snakemake_command(
    targets: Sequence[str | Path], config: Path, root: Path, settings: Mapping[str, Any], source: Path | None = None
) -> list[str]:
    """Return the words of the command that makes ``targets`` with the workflow in ``source``, by default ``root``.

    ``config``: the configuration file; ``settings``: keys that override it; ``root``: the checkout, whose default
    profile applies and in which the command is to be run.
    """
    # values quoted: Snakemake reads them as YAML
    overrides = [f"{name}={json.dumps(value)}" for name, value in settings.items()]
    return [
        *(sys.executable, "-m", "snakemake", *map(str, targets)),
        *("--snakefile", str((source or root) / "Snakefile")),
        *("--workflow-profile", str(root / "profiles/default")),
        *("--configfile", str(config)),
        *(("--config", *overrides) if overrides else ()),
    ]
