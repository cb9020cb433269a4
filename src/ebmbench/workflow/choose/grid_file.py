"""The configuration that compares the methods for one table."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

from ebmbench.core.errors import UserError

#: more columns than this have too many second moments to match in minutes
MOST_MATCHED = 20


def dataset_name(path: Path) -> str:
    """Return the name of the data set in a file: its stem in small letters, digits and underscores.

    Raises :class:`UserError` if nothing is left of it.
    """
    name = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_")
    if not name:
        raise UserError(f"{path}: the file's name has no letter and no digit; rename it")
    return name


class Size(NamedTuple):
    """The size of a run: ``steps`` of training, and ``trials`` of settings for each trained method; 1 is no search."""

    steps: int
    trials: int


def grid_text(name: str, dataset: Mapping[str, Any], columns: int, results: Path, size: Size) -> str:
    """Return the configuration as text.

    ``dataset``: the settings of the data set ``name`` with ``columns`` columns, written as JSON, which is YAML as well.
    """
    stats = ["none"] if columns > MOST_MATCHED else ["none", "moments"]
    return _template("grid.yaml").substitute(
        name=name,
        dataset=json.dumps(dict(dataset)),
        results=json.dumps(str(results)),
        steps=size.steps,
        tuning=_template("tuning.yaml").substitute(trials=size.trials) if size.trials > 1 else "",
        stats=json.dumps(stats),
    )


def _template(name: str) -> Template:
    """Return a file of this folder in which ``$`` marks what depends on the table and on the time."""
    return Template(Path(__file__).with_name(name).read_text(encoding="utf-8"))
