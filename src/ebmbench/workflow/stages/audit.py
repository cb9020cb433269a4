"""Stage that audits a fresh run and the committed results: audit.csv and audit.md."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.core.files import write_csv, write_text
from ebmbench.core.schemas import SCHEMAS
from ebmbench.planning.reference_runs import grid_of
from ebmbench.provenance.audit import claim_verdicts, commit_check, documented_numbers, fresh_run
from ebmbench.provenance.audit.finding import FAILED, Finding
from ebmbench.reporting.claims import claim
from ebmbench.reporting.markdown_latex import markdown
from ebmbench.workflow.stages.claims import evaluate

_ABOUT = (
    "Comparison of a fresh run of {grid} with the committed run in results/reference/{grid}, and consistency of the "
    "committed results. keys: the rows present; status: the status of each row; data: digests of the data used; exact: "
    "values of untrained controls, within a relative {rtol:g}; trained: all other values, within {scales:g} times "
    "sqrt(sd over seeds² + 2 stderr²), the smaller of the two runs; claims: verdicts recomputed from the committed "
    "runs; documents: table cells in README and docs/results against the committed pages. For every committed run "
    "and the commit that it records: files: the files are unchanged; config: the configuration is that of the commit; "
    "code: the code of each run is that of the commit; rows: the data prepared again equal the data used by each run. "
    "unknown: the check needs something that is not here, such as the full history or the files of a data set."
)

_LINES = "All deviations and failed comparisons, one per line."


class FailedAuditError(UserError):
    """The audit failed: the message has one line per deviation from the committed results."""

    def __str__(self) -> str:
        return Exception.__str__(self)


def audit(tables: Path, root: Path) -> list[Finding]:
    """Return findings on a grid's fresh ``tables`` and on the committed results of the checkout ``root``.

    The committed run has the name of the grid: the folder of ``tables``, or ``default`` for the default grid.
    Raises :class:`UserError` for a missing file.
    """
    reference = root / "results/reference"
    committed = reference / grid_of(tables.resolve().parent)
    if not committed.is_dir():
        allowed = ", ".join(sorted(path.parent.name for path in reference.glob("*/scores.csv")))
        raise UserError(f"{committed}: this grid has no committed run; allowed: {allowed}")
    found = fresh_run.against(*(read_typed(folder / "scores.csv") for folder in (tables, committed)))
    found += fresh_run.data_digests(*(read_typed(folder / "runs.csv") for folder in (tables, committed)))
    asked = claim.read_claims(root / "config/claims.yaml", SCHEMAS / "claims.schema.yaml")
    found += claim_verdicts.changed(evaluate(asked, reference), read_typed(reference / "claims/claims.csv"))
    found += documented_numbers.against(documented_numbers.documents(root), reference)
    return found + commit_check.against(root)


def write_audit(tables: Path, root: Path, out: Path) -> None:
    """Write audit.csv and audit.md into ``out``, whatever the findings."""
    found = audit(tables, root)
    write_csv(out / "audit.csv", pd.DataFrame(found, columns=list(Finding._fields)))
    checks = [of for of in found if of.where == "all"]
    shown = pd.DataFrame({"check": of.check, "outcome": of.outcome, "found": of.detail} for of in checks)
    lines = pd.DataFrame({"check": of.check, "where": of.where, "found": of.detail} for of in found if of not in checks)
    about = _ABOUT.format(grid=grid_of(tables.resolve().parent), rtol=fresh_run.RTOL, scales=fresh_run.SCALES)
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
