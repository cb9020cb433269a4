"""Stage that audits a fresh run and the committed results: audit.csv and audit.md."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ebmbench.core.csv_schema import Schema, read_fields, read_typed
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.core.files import write_csv, write_text
from ebmbench.core.schemas import SCHEMAS, read_schema
from ebmbench.planning.reference_runs import grid_of
from ebmbench.provenance.audit import claim_verdicts, commit_check, documented_numbers, fresh_run, table_cells
from ebmbench.provenance.audit.finding import FAILED, UNKNOWN, Finding
from ebmbench.provenance.audit.tolerances import tolerance_of
from ebmbench.reporting.claims import claim
from ebmbench.reporting.markdown import markdown
from ebmbench.workflow.stages.claims import evaluate

_ABOUT = (
    "Comparison of a fresh run of {grid} with the committed run in results/reference/{grid}, and consistency of the "
    "committed results. cells: every cell of the tables is of its column's kind, and none says NaN or infinity; keys: "
    "the rows present; status: the status of each row; data: digests of the data used; exact: values of untrained "
    "controls, within a relative {rtol:g}; trained: all other values, within {allowed}, the smaller of the two runs; "
    "claims: verdicts recomputed from the committed runs; documents: table cells in README and docs/results against "
    "the committed pages. For all committed tables and the commit that they record: files: the files are unchanged; "
    "config: the configuration is that of the commit. For committed runs: code: the code of each run is that of the "
    "commit; rows: the data prepared again equal the data used by each run. unknown: the check needs something that is "
    "not here, such as the full history or the files of a data set."
)

_LINES = "All deviations and failed comparisons, one per line."


class FailedAuditError(UserError):
    """The audit failed: the message has one line per deviation from the committed results."""

    def __str__(self) -> str:
        return Exception.__str__(self)


class _Compared(NamedTuple):
    """A table of the fresh run and the committed one, every field as text, with its schema."""

    fresh: pd.DataFrame
    committed: pd.DataFrame
    schema: Schema

    @classmethod
    def read(cls, name: str, tables: Path, committed: Path) -> _Compared:
        """Read both; raise :class:`UserError` for a missing file or other columns than those of the schema."""
        schema = read_schema(SCHEMAS / f"{name}.schema.yaml")
        fresh, known = (table_cells.read_cells(folder / f"{name}.csv", schema) for folder in (tables, committed))
        return cls(fresh, known, schema)

    def damaged(self, fresh: str, committed: str) -> list[Finding]:
        """Return findings on the cells of both tables, which are named ``fresh`` and ``committed``."""
        found = table_cells.against_schema(self.fresh, self.schema, fresh)
        return found + table_cells.against_schema(self.committed, self.schema, committed)


def audit(tables: Path, root: Path) -> list[Finding]:
    """Return findings on a grid's fresh ``tables`` and on the committed results of the checkout ``root``.

    The committed run has the name of the grid: the folder of ``tables``, or ``default`` for the default grid.
    Raises :class:`UserError` for a missing file, and for one without the columns of its table.
    """
    reference, committed = root / "results/reference", _committed(tables, root)
    scores, runs = (_Compared.read(name, tables, committed) for name in ("scores", "runs"))
    cells = [
        *scores.damaged("fresh scores.csv", f"{committed.name}/scores.csv"),
        *runs.damaged("fresh runs.csv", f"{committed.name}/runs.csv"),
    ]
    others, number = table_cells.in_committed(reference, [committed / "scores.csv", committed / "runs.csv"])
    cells += others
    fresh, known = (table_cells.with_numbers(of, table_cells.NUMBERS) for of in (scores.fresh, scores.committed))
    commits = commit_check.against(root)
    edited = {of.where for of in commits if of.check == "files"}
    edited |= {of.where.partition(",")[0] for of in cells}
    return [
        *table_cells.summary(cells, number + 4),
        *fresh_run.against(fresh, known, tolerance_of(committed)),
        *fresh_run.data_digests(runs.fresh, runs.committed),
        *_claims(root, edited),
        *documented_numbers.against(documented_numbers.documents(root), reference),
        *commits,
    ]


def _committed(tables: Path, root: Path) -> Path:
    """Return the folder of the committed run of the grid; raise :class:`UserError` for a grid without one."""
    reference = root / "results/reference"
    committed = reference / grid_of(tables.resolve().parent)
    if not committed.is_dir():
        allowed = sorted(path.parent.name for path in reference.glob("*/scores.csv"))
        raise UserError(f"{committed}: this grid has no committed run; {allowed_names(committed.name, allowed)}")
    return committed


def _claims(root: Path, edited: Collection[str]) -> list[Finding]:
    """Return findings on the claims; unknown where they rest on an ``edited`` table, named ``grid/table.csv``."""
    reference = root / "results/reference"
    asked = claim.read_claims(root / "config/claims.yaml", SCHEMAS / "claims.schema.yaml")
    used = {f"{of.grid}/{of.table}.csv" for of in asked.claims}
    if damaged := sorted(used & set(edited)):
        return [Finding("claims", "all", UNKNOWN, f"verdicts not computed again from edited {', '.join(damaged)}")]
    try:
        again, known = evaluate(asked, reference), read_fields(reference / "claims/claims.csv")
        return claim_verdicts.changed(again, known)
    except UserError as error:
        return [Finding("claims", "all", FAILED, str(error))]


def write_audit(tables: Path, root: Path, out: Path) -> None:
    """Write audit.csv and audit.md into ``out``, whatever the findings."""
    found = audit(tables, root)
    write_csv(out / "audit.csv", pd.DataFrame(found, columns=list(Finding._fields)))
    checks = [of for of in found if of.where == "all"]
    shown = pd.DataFrame({"check": of.check, "outcome": of.outcome, "found": of.detail} for of in checks)
    lines = pd.DataFrame({"check": of.check, "where": of.where, "found": of.detail} for of in found if of not in checks)
    committed = _committed(tables, root)
    about = _ABOUT.format(grid=committed.name, rtol=fresh_run.RTOL, allowed=tolerance_of(committed).words)
    write_text(
        out / "audit.md",
        f"{markdown('Audit', about, shown)}\n#{markdown('Deviations from the committed results', _LINES, lines)}",
    )


def verdict(audited: Path) -> str:
    """Return the findings of an audit.csv, one line each.

    Raises :class:`FailedAuditError` with one line per deviation from the committed results.
    """
    found = [Finding(**row) for row in read_typed(audited).to_dict("records")]
    failed = [of.line for of in found if of.outcome == FAILED]
    if failed:
        raise FailedAuditError("\n".join([f"{audited}: different from the committed results", *failed]))
    return "\n".join(of.line for of in found)
