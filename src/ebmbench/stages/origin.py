"""The stage that tells where a committed run is from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ebmbench import history, modules, origin
from ebmbench.audit.origins import Commits
from ebmbench.cells import AXES, Cell
from ebmbench.config import Grid, grid
from ebmbench.errors import UserError
from ebmbench.origin import Made, Origin
from ebmbench.rows import read_typed
from ebmbench.sources import Sources


def write(folder: Path, configfile: str, root: Path, named: Sequence[str]) -> None:
    """Write provenance.json of the committed run in ``folder``, by the commits ``named``: the first has ``configfile``.

    Raises :class:`UserError` for a run whose code is of none of the commits, and for a configuration that the first of
    them does not have.
    """
    commits, names = Commits(root), [history.full_name(root, commit) for commit in named]
    content = commits.content(names[0], configfile)
    told = Origin(names[0], configfile, origin.sha256(content), {}, origin.digests(folder))
    config = commits.config(told, root / "workflow/schemas/config.schema.yaml")
    runs = read_typed(folder / "runs.csv")
    code = _code(runs, config, grid(config), {name: commits.sources(name) for name in names})
    origin.write(folder, told._replace(code=code))


def _code(
    runs: pd.DataFrame, config: Mapping[str, Any], asked: Grid, commits: Mapping[str, Sources]
) -> dict[str, Made]:
    column = "provenance.code_digest"
    found: dict[str, Made] = {}
    for row in runs[[*AXES, column, "run"]].drop_duplicates([*AXES, column]).to_dict("records"):
        if row[column] not in found:
            began = modules.of_run(config, asked, Cell(*(row[axis] for axis in AXES)))
            found[row[column]] = _made(row["run"], row[column], began, commits)
    return found


def _made(run: str, digest: str, began: Sequence[str], commits: Mapping[str, Sources]) -> Made:
    for name, sources in commits.items():
        # an older commit may lack what an axis names now, such as the arm that does nothing
        held = [module for module in began if sources.has(module)]
        if sources.digest(held) == digest:
            return Made(name, held)
    where = ", ".join(name[:7] for name in commits)
    raise UserError(
        f"{run}: its code, {digest}, is not that of {where}; commit the code that it was run with, or run it again"
    )
