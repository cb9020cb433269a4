"""Stage that takes a stage of a cell's search from a table of finished searches: trials.csv and chosen.json."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ebmbench.core import files
from ebmbench.core.cells import AXES, Cell
from ebmbench.core.csv_schema import read_text, read_typed
from ebmbench.core.errors import UserError
from ebmbench.planning import search_criteria
from ebmbench.planning.finished_searches import settings_digest
from ebmbench.planning.tuning import trial_columns
from ebmbench.workflow.stages.trial_scores import choice


def write_finished_search(
    cell: Cell, settings: Mapping[str, Any], table: Path, out: Path, before: Path | None = None
) -> None:
    """Copy the trials of a stage from ``table``, a tuning.csv, and choose among them as the search itself does.

    ``settings``: those that the search would be made with
    (:func:`~ebmbench.planning.finished_searches.settings_digest`); ``before``: trials.csv of the stage before. Writes
    ``trials.csv`` and ``chosen.json`` into ``out``. Raises :class:`UserError` if ``table`` has no such search.
    """
    rung, digest = settings["tuning"]["rung"], settings_digest(settings)
    columns = trial_columns(search_criteria.of_search(settings["tuning"]))
    rows = read_text(table, (*AXES, *columns))
    own = rows[["rung", "settings_digest"]].apply(tuple, axis=1) == (str(rung), digest)
    for axis, name in zip(AXES, cell, strict=True):
        own &= rows[axis] == name
    found = rows.loc[own, columns]
    if found.empty:
        raise UserError(f"{table}: no search of {'/'.join((cell.dataset, cell.method))} at x{rung} with these settings")
    made = choice(read_typed(table).loc[found.index, columns], before)
    # a table may be of a search that had no stage before it to fall back on
    files.write_csv(out / "trials.csv", found.assign(chosen=found["trial"] == str(made.trial)))
    files.write_json(out / "chosen.json", made._asdict())
