"""A claim: two sides of a committed table, and how they are told apart."""

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
    """One sentence of a paper, and the rows that decide it.

    ``rows`` are the rows of ``results/reference/{grid}/{table}.csv`` that it rests on, column -> value or values; of
    these, ``this`` and ``other`` select the two sides, where ``value`` and ``stderr`` name the columns to read;
    ``other`` may be a number. ``relation`` is what the claim says of this side: ``less`` or ``greater`` than the
    other, or ``within`` ``margin`` of it. ``each``: the columns of whose every combination there is a verdict of its
    own; ``pair``: the column by which values of both sides belong together. ``last``: a column of whose greatest
    value alone the rows count, in each run. ``per``: a column that values are divided by; ``size``: values without
    their sign; ``log``: the sides are compared by their logarithms. ``expected``: the verdict of the paper.
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
    """All claims, and the level of the tests: how often a claim about nothing is decided, over all of its rows."""

    level: float
    claims: tuple[Claim, ...]


def read_claims(path: Path, schema: Path) -> Claims:
    """The claims of a file; raises :class:`UserError` with one line for what ``schema`` refuses."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    error = best_match(Draft202012Validator(yaml.safe_load(schema.read_text(encoding="utf-8"))).iter_errors(content))
    if error is not None:
        where = ".".join(map(str, error.absolute_path)) or "the file"
        raise UserError(f"{path}: {where}: {' '.join(error.message.split())}")
    found = [Claim(id=name, **_of_lists(entry)) for name, entry in content["claims"].items()]
    return Claims(content["level"], tuple(found))


def _of_lists(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if key == "each" else value for key, value in entry.items()}
