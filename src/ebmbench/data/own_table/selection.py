"""Choice of a table's columns: those that are modelled, and those by which its rows are split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ebmbench.core.errors import allowed_names
from ebmbench.data.own_files.refusal import RefusedFileError


class Chosen(NamedTuple):
    """Names of the columns to model, in order, and what became of each other column, by name."""

    modelled: list[str]
    left_out: dict[str, str]


def choose(names: Sequence[str], columns: Sequence[str], drop: Sequence[str], apart: dict[str, str]) -> Chosen:
    """Return the ``columns``, all ``names`` if there are none, without those to ``drop`` and those ``apart``.

    ``apart``: setting -> the column by which it splits the rows. Raises :class:`RefusedFileError` for a name that the
    table does not have, for a column with two purposes, and if none is left.
    """
    asked = [("columns", name) for name in columns] + [("drop", name) for name in drop]
    for setting, name in [*asked, *apart.items()]:
        if name not in names:
            raise RefusedFileError(f"{setting}: the column {name!r} is unknown; {allowed_names(name, names)}")
    purpose = {name: setting for setting, name in apart.items()}
    for name in columns:
        if name in drop or name in purpose:
            other = "drop" if name in drop else purpose[name]
            raise RefusedFileError(f"the column {name} is named by columns and by {other}; allowed: one of the two")
    left_out = {name: "drop" for name in drop} | purpose
    if columns:
        left_out |= {name: "not in columns" for name in names if name not in columns and name not in left_out}
    modelled = [name for name in columns or names if name not in left_out]
    if not modelled:
        raise RefusedFileError("no column is left; allowed: columns and drop that keep one or more")
    return Chosen(list(dict.fromkeys(modelled)), left_out)
