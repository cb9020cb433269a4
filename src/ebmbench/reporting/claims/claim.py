"""A claim of a paper: the two sides of a committed table that it compares, and the test between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from ebmbench.core.errors import UserError

#: keys of a side that name columns to read, and their names in scores.csv
VALUE, STDERR = "value", "stderr"


@dataclass(frozen=True)
class Claim:
    """One sentence of a paper, and the table rows that decide it.

    ``rows`` selects rows of ``results/reference/{grid}/{table}.csv``, column -> value or values. Among these, ``this``
    and ``other`` select the two sides; their keys ``value`` and ``stderr`` name the columns to read; ``other`` may be
    a number. ``relation``: the claim says that this side is ``less`` or ``greater`` than the other, or ``within``
    ``margin`` of it. ``each``: columns whose combinations each get a verdict; ``pair``: the column that pairs the
    values of both sides. ``last``: a column; only rows with its largest value in each run count. ``per``: a column by
    which values are divided; ``size``: compare absolute values; ``log``: compare logarithms. ``expected``: the
    verdict that the paper gives.
    """

    id: str
    claim: str
    source: str
    grid: str
    table: str
    this: Mapping[str, Any]
    other: Mapping[str, Any] | float
    relation: str
    rows: Mapping[str, Any] = field(default_factory=dict)
    each: tuple[str, ...] = ("dataset",)
    pair: str = "seed"
    last: str | None = None
    per: str | None = None
    size: bool = False
    log: bool = False
    test: str = "paired"
    margin: float = 0.0
    expected: str = "held"


@dataclass(frozen=True)
class Claims:
    """All claims, and the level of the tests: the probability, over all rows of a claim, to decide it by chance."""

    level: float
    claims: tuple[Claim, ...]


def read_claims(path: Path, schema: Path) -> Claims:
    """Read the claims of a file; raises :class:`UserError` with one line if ``schema`` rejects it."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    error = best_match(Draft202012Validator(yaml.safe_load(schema.read_text(encoding="utf-8"))).iter_errors(content))
    if error is not None:
        where = ".".join(map(str, error.absolute_path)) or "the file"
        raise UserError(f"{path}: {where}: {' '.join(error.message.split())}")
    found = [Claim(id=name, **_of_lists(entry)) for name, entry in content["claims"].items()]
    return Claims(content["level"], tuple(found))


def _of_lists(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if key == "each" else value for key, value in entry.items()}
