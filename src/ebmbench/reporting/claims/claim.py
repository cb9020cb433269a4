"""A claim of a paper: the two sides of a committed table that it compares, and the rule that decides it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ebmbench.core.schemas import read_schema
from ebmbench.planning import schema_check

#: keys of a side that name columns to read, and their names in scores.csv
VALUE, STDERR = "value", "stderr"


@dataclass(frozen=True)
class Untrained:
    """Rows of a table of the same grid with the values of an untrained model, by the claim's ``each`` and ``pair``.

    ``first``: a column; only rows with its smallest value in each run count. ``value`` names the column to read.
    """

    table: str
    rows: Mapping[str, Any]
    value: str = VALUE
    first: str | None = None


@dataclass(frozen=True)
class Learnt:
    """A side has learnt if it has gone ``fraction`` of the way from the untrained value to ``oracle``."""

    fraction: float
    oracle: float


@dataclass(frozen=True)
class Resolution:
    """Rows that say how small an effect the data can show, such as the floor of a distance.

    An entry decides nothing unless their mean over trainings, for each of the pooled columns, is below ``below``.
    """

    rows: Mapping[str, Any]
    below: float


@dataclass(frozen=True)
class Pool:
    """Rows of one training that are reduced to one value: the mean or the largest over the columns ``over``."""

    over: tuple[str, ...]
    by: str


@dataclass(frozen=True)
class Published:
    """Literature results on both sides: rows of results/published with these values in their columns.

    They are paired by data set and, for the ``what`` curve, by epoch.
    """

    rows: Mapping[str, Any]
    this: Mapping[str, Any]
    other: Mapping[str, Any]


@dataclass(frozen=True)
class Claim:
    """One sentence of a paper, and the table rows that decide it.

    ``rows`` selects rows of ``results/reference/{grid}/{table}.csv``, column -> value or values. Among these, ``this``
    and ``other`` select the two sides; their keys ``value`` and ``stderr`` name the columns to read; ``other`` may be
    a number. ``distribution``: the distribution that is scored on every side that does not name its own.

    ``relation``: this side is ``less`` or ``greater`` than the other by more than ``margin``, ``at_most`` ``margin``
    above it (one-sided non-inferiority), or ``within`` ``margin`` of it on both sides. ``scale``: ``log`` compares
    logarithms. ``each``: columns whose combinations are the entries. ``estimand``: the claim is about the ``mean`` over
    the entries, or about ``every`` entry. ``pair``: the column that counts trainings. ``test``: ``trainings`` (one
    value per training), ``means`` (means of ``count`` repetitions with standard errors), or ``times`` (times to reach
    a target, of which ``reached`` names the column that says whether it was reached).

    ``learnt``: both sides have to have learnt, measured from ``untrained``, which also stands for a failed training
    of which nothing else is known. ``resolution``: what the data must be able to show for an entry to count.
    ``cannot_hold``: why the tables cannot show that the claim holds. ``last``: a
    column; only rows with its largest value in each run count. ``per``: a column by which values are divided;
    ``size``: compare absolute values. ``expected``: the verdict that the paper gives.
    """

    id: str
    claim: str
    source: str
    grid: str
    table: str
    this: Mapping[str, Any]
    other: Mapping[str, Any] | float
    relation: str
    distribution: str | None = None
    rows: Mapping[str, Any] = field(default_factory=dict)
    each: tuple[str, ...] = ("dataset",)
    estimand: str = "mean"
    pair: str = "seed"
    pool: Pool | None = None
    last: str | None = None
    per: str | None = None
    size: bool = False
    scale: str = "linear"
    test: str = "trainings"
    count: str | int = 1
    reached: str | None = None
    margin: float = 0.0
    untrained: Untrained | float | None = None
    learnt: Learnt | None = None
    resolution: Resolution | None = None
    cannot_hold: str = ""
    published: tuple[Published, ...] = ()
    expected: str = "held"

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the tables of the grid that the claim rests on."""
        further = (self.untrained.table,) if isinstance(self.untrained, Untrained) else ()
        return (self.table, *further)


@dataclass(frozen=True)
class Claims:
    """All claims, and the level of the table: the largest probability that it decides any claim by chance."""

    level: float
    claims: tuple[Claim, ...]


def read_claims(path: Path, schema: Path) -> Claims:
    """Read the claims of a file; raises :class:`UserError` with one line if ``schema`` rejects it."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    schema_check.check(content, read_schema(schema), str(path))
    found = [_claim(name, entry) for name, entry in content["claims"].items()]
    return Claims(content["level"], tuple(found))


def _claim(name: str, entry: Mapping[str, Any]) -> Claim:
    built = {key: _BUILD.get(key, _same)(value) for key, value in entry.items()}
    return Claim(id=name, **built)


def _same(value: Any) -> Any:
    return value


def _untrained(value: Any) -> Untrained | float:
    return Untrained(**value) if isinstance(value, Mapping) else float(value)


#: keys of a claim whose values are more than plain data -> what makes them
_BUILD: dict[str, Callable[[Any], Any]] = {
    "each": tuple,
    "pool": lambda value: Pool(tuple(value["over"]), value["by"]),
    "untrained": _untrained,
    "learnt": lambda value: Learnt(**value),
    "resolution": lambda value: Resolution(**value),
    "published": lambda value: tuple(Published(**entry) for entry in value),
}
